package org.example.toyiommu;

/** What the data sheet of the toy IOMMU says: one table of 4096 words, one word for each page of 4 KiB. */
final class Registers {

    static final String COMPATIBLE = "example,toy-iommu";
    static final int ID = 0x00;
    static final int ID_VALUE = 0x544F5901;
    /** Physical address of the table, 64 bits; may be written while the unit is off. */
    static final int TABLE = 0x08;
    /** 1: streams are translated. 0: everything passes. */
    static final int ENABLE = 0x10;
    /** Any write drops what the unit remembers of the table. */
    static final int FLUSH = 0x14;
    /** Bit n: stream n is translated; 0: it passes. */
    static final int STREAMS = 0x18;

    static final int STREAM_COUNT = 16;
    static final long PAGE = 4096;
    static final long APERTURE = 4096 * PAGE;
    static final long TABLE_BYTES = APERTURE / PAGE * Long.BYTES;
    /** Bits of an entry below the address; 0 in both: nothing is mapped. */
    static final long READ = 1;
    static final long WRITE = 2;

    private Registers() {
    }
}
