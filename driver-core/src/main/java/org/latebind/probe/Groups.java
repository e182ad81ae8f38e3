package org.latebind.probe;

/** Groups: who is in which, and their numbers. A new group takes the lowest free number; it goes with its last member. */
final class Groups {

    private Groups() {
    }

    /** The attached device joins a group. */
    static void join(Work w, int device, int iommu, AttachAnswer.Attached answer) {
        int number;
        if (answer.sharesWith() == AttachAnswer.BY_TABLE) {
            int partition = w.at.partitionGroup + w.t.partition[device];
            if (w.c[partition] == 0) {
                w.c[partition] = lowestFree(w) + 1;
            }
            number = w.c[partition] - 1;
        } else if (answer.sharesWith() >= 0 && w.is(answer.sharesWith(), Layout.D_GROUPED)) {
            number = w.c[w.at.group + answer.sharesWith()];
        } else {
            number = lowestFree(w);
        }
        w.c[w.at.groupUsed + (number >> 5)] |= 1 << (number & 31);
        w.c[w.at.groupMembers + number]++;
        w.c[w.at.group + device] = number;
        w.c[w.at.attachedTo + device] = iommu + 1;
        if (iommu >= 0) {
            w.c[w.at.iommuClients + iommu]++;
        }
        w.t.streams.take(w, device, iommu);
        w.raise(device, Layout.D_GROUPED);
        if (answer.identity()) {
            w.raise(device, Layout.D_IDENTITY);
        }
        w.log(LogRecord.Kind.GROUP_JOINED, device, -1, number);
    }

    private static int lowestFree(Work w) {
        int word = w.c[Layout.GROUP_HINT];
        while (w.c[w.at.groupUsed + word] == -1) {
            word++;
        }
        w.c[Layout.GROUP_HINT] = word;
        return (word << 5) + Integer.numberOfTrailingZeros(~w.c[w.at.groupUsed + word]);
    }

    /** The device loses its IOMMU and stays in its group, as before 6.0. */
    static void detach(Work w, int device) {
        if (w.attachedTo(device) >= 0) {
            w.c[w.at.iommuClients + w.attachedTo(device)]--;
            w.c[w.at.attachedTo + device] = 0;
            w.t.streams.drop(w, device);
        }
    }

    /** The device leaves its group and its IOMMU. */
    static void leave(Work w, int device) {
        int number = w.c[w.at.group + device];
        w.log(LogRecord.Kind.GROUP_LEFT, device, -1, number);
        w.lower(device, Layout.D_GROUPED | Layout.D_IDENTITY);
        detach(w, device);
        w.c[w.at.group + device] = 0;
        if (--w.c[w.at.groupMembers + number] == 0) {
            w.c[w.at.groupUsed + (number >> 5)] &= ~(1 << (number & 31));
            w.c[Layout.GROUP_HINT] = Math.min(w.c[Layout.GROUP_HINT], number >> 5);
            int partition = w.at.partitionGroup + w.t.partition[device];
            if (w.c[partition] == number + 1) {
                w.c[partition] = 0;
            }
        }
    }
}
