package org.latebind.xengrant;

/** What the grant node is to the runtime. */
enum GrantRole {

    /** A first-class IOMMU: its clients are translated by grants or do not run at all. Our own. */
    FULL("full"),
    /** Linux 5.19 to 6.1: a stub without {@code of_xlate}; grant operations at DMA setup of every device that refers to it. */
    LINUX_5_19("linux-5.19"),
    /** Linux 6.2 and later: the same stub; grant operations come when a virtio device's features are checked. */
    LINUX_6_2("linux-6.2");

    private final String word;

    GrantRole(String word) {
        this.word = word;
    }

    /** Name in the configuration. */
    String word() {
        return word;
    }

    /** The role of a name. */
    static GrantRole of(String word) {
        for (GrantRole role : values()) {
            if (role.word.equals(word)) {
                return role;
            }
        }
        throw new IllegalArgumentException("role '" + word + "' is none of full, linux-5.19, linux-6.2");
    }
}
