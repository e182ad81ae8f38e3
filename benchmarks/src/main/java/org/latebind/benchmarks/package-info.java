/** Benchmarks: what an operation costs, measured with JMH. */
package org.latebind.benchmarks;
