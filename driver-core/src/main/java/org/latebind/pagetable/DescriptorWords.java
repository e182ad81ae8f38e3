package org.latebind.pagetable;

import java.util.StringJoiner;

/** Attributes of descriptors in words. */
final class DescriptorWords {

    private static final String[] SHARED = {"non-shareable", "reserved-shareable", "outer", "inner"};

    private DescriptorWords() {
    }

    private static boolean has(long descriptor, long bit) {
        return (descriptor & bit) != 0;
    }

    static String table(long descriptor) {
        StringJoiner words = new StringJoiner(" ");
        if (has(descriptor, LpaeDescriptor.NS_TABLE)) {
            words.add("NS");
        }
        if (has(descriptor, LpaeDescriptor.SW_SYNC)) {
            words.add("synced");
        }
        return words.toString();
    }

    static String leaf(long descriptor, int stage) {
        StringJoiner words = new StringJoiner(" ");
        if (stage == 1) {
            words.add(has(descriptor, LpaeDescriptor.AP_READ_ONLY) ? "r-" : "rw");
            words.add(has(descriptor, LpaeDescriptor.AP_UNPRIVILEGED) ? "user" : "privileged");
            int index = (int) (descriptor >>> 2) & 7;
            words.add(index == 0 ? "non-cacheable" : index == 1 ? "write-back" : index == 2 ? "device" : "attribute-" + index);
        } else {
            words.add((has(descriptor, LpaeDescriptor.S2AP_READ) ? "r" : "-")
                    + (has(descriptor, LpaeDescriptor.S2AP_WRITE) ? "w" : "-"));
            words.add(memory((int) (descriptor >>> 2) & 15));
        }
        words.add(SHARED[(int) (descriptor >>> 8) & 3]);
        add(words, has(descriptor, LpaeDescriptor.XN), "no-execute");
        add(words, stage == 1 && has(descriptor, LpaeDescriptor.NS), "NS");
        add(words, stage == 1 && has(descriptor, LpaeDescriptor.DBM), "dirty-tracking");
        add(words, stage == 1 && !has(descriptor, LpaeDescriptor.NG), "global");
        add(words, has(descriptor, 1L << 52), "contiguous");
        add(words, !has(descriptor, LpaeDescriptor.AF), "no-access-flag");
        return words.toString();
    }

    private static void add(StringJoiner words, boolean present, String word) {
        if (present) {
            words.add(word);
        }
    }

    private static String memory(int attribute) {
        return switch (attribute) {
            case 0xf -> "write-back";
            case 0x5 -> "non-cacheable";
            case 0x6 -> "forced-write-back";
            case 0x1 -> "device";
            default -> "memory-attribute-" + attribute;
        };
    }

    static String shortLeaf(int descriptor, int level, boolean repeated) {
        int single = repeated ? V7sDescriptor.single(descriptor, level) : descriptor;
        int attributes = single >>> (level == 1 ? 10 : 4);
        StringJoiner words = new StringJoiner(" ");
        words.add((attributes & 0x20) != 0 ? "r-" : "rw");
        words.add((attributes & 2) != 0 ? "user" : "privileged");
        words.add((attributes & 0x1c) == 0 ? "device" : (single & 8) != 0 ? "write-back" : "non-cacheable");
        add(words, (attributes & 0x40) != 0, "shared");
        add(words, (single & (level == 1 ? 0x10 : 1)) != 0, "no-execute");
        add(words, level == 1 && (single >>> 19 & 1) != 0, "NS");
        add(words, (attributes & 0x80) == 0, "global");
        add(words, (attributes & 1) == 0, "no-access-flag");
        add(words, repeated, level == 1 ? "supersection" : "large-page");
        return words.toString();
    }
}
