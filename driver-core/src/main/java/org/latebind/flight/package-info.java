/** Events for the Java Flight Recorder: probe, defer, bind, map, invalidate. Nothing happens while nobody records. */
package org.latebind.flight;
