package org.latebind.devicetree;

/** A place in a source: file, line and column from 1. */
record SourcePlace(String file, int line, int column) {

    DeviceTreeException fail(String text) {
        return DeviceTreeException.at(file, line, column, text);
    }
}
