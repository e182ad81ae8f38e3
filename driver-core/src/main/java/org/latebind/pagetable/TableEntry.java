package org.latebind.pagetable;

/**
 * One entry of a dump, or a run of leaves that continue each other.
 *
 * @param depth             0 for entries of the root
 * @param level             level of the architecture
 * @param index             index of the first entry in its table
 * @param count             number of entries; 1 for a table
 * @param iova              first input address
 * @param sizeBytes         input bytes one entry covers
 * @param descriptorAddress where the first descriptor lies
 * @param descriptor        its value
 * @param kind              what it is; not null
 * @param target            address of the next table or first output address
 * @param attributes        attributes in words, separated by blanks; not null
 */
public record TableEntry(int depth, int level, int index, int count, long iova, long sizeBytes, long descriptorAddress,
        long descriptor, Kind kind, long target, String attributes) {

    /** Kinds of entries. */
    public enum Kind {
        /** Points to a next table. */ TABLE,
        /** A leaf above the last level, of short descriptors also a supersection. */ BLOCK,
        /** A leaf of the last level. */ PAGE,
        /** Not zero, but nothing the format knows. */ INVALID,
        /** Points to a table that is in the dump already: not shown again. */ TABLE_AGAIN
    }

    /** Last input address covered, inclusive. */
    public long last() {
        return iova + sizeBytes * count - 1;
    }

    boolean continuedBy(TableEntry next) {
        return kind == next.kind && (kind == Kind.BLOCK || kind == Kind.PAGE) && depth == next.depth && level == next.level
                && sizeBytes == next.sizeBytes && next.index == index + count && next.target == target + sizeBytes * count
                && attributes.equals(next.attributes);
    }

    TableEntry longer() {
        return new TableEntry(depth, level, index, count + 1, iova, sizeBytes, descriptorAddress, descriptor, kind, target,
                attributes);
    }
}
