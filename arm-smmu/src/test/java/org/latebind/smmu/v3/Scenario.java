package org.latebind.smmu.v3;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.PagingDomain;
import org.latebind.pagetable.Gather;

/** One run of a scenario on one machine, and everything it saw: the lists of two machines must be equal. */
final class Scenario {

    private static final Pattern EVENT = Pattern.compile(
            "event 0x(\\w+) received: 0x(\\w+) 0x(\\w+) 0x(\\w+) 0x(\\w+)");

    final Rig rig;
    final List<String> seen = new ArrayList<>();
    private int logRead;

    Scenario(Rig rig) {
        this.rig = rig;
    }

    void note(String text) {
        seen.add(text);
    }

    DmaResult write(int sid, long address, int... bytes) {
        byte[] data = new byte[bytes.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) bytes[i];
        }
        return noted("write", sid, rig.master(sid), address, data, true);
    }

    DmaResult read(int sid, long address, int length) {
        return noted("read", sid, rig.master(sid), address, new byte[length], false);
    }

    private DmaResult noted(String what, int sid, DmaMaster master, long address, byte[] data, boolean write) {
        DmaResult result = write ? master.write(0, address, data) : master.read(0, address, data);
        note(what + " by " + sid + " at 0x" + Long.toHexString(address) + ": " + result.kind() + " "
                + result.transferredBytes() + (write || !result.ok() ? "" : " " + Arrays.hashCode(data)));
        return result;
    }

    void map(PagingDomain domain, long iova, long physical, long pageSize, long count, int prot) {
        long left = count;
        while (left > 0) {
            long done = domain.map(iova + (count - left) * pageSize, physical + (count - left) * pageSize, pageSize, left, prot);
            if (done <= 0) {
                throw new AssertionError("map at 0x" + Long.toHexString(iova) + " gave " + done);
            }
            left -= done / pageSize;
        }
    }

    void unmap(PagingDomain domain, long iova, long pageSize, long count) {
        Gather gather = new Gather();
        long left = count;
        while (left > 0) {
            left -= domain.unmap(iova + (count - left) * pageSize, pageSize, left, gather) / pageSize;
        }
        domain.sync(gather);
    }

    long word(long address) {
        return rig.machine.memory().read64(address);
    }

    /** Notes what the driver logged since the last call; event records without what the architecture leaves open. */
    List<String> driverLog() {
        List<String> fresh = new ArrayList<>();
        for (; logRead < rig.device.log.size(); logRead++) {
            fresh.add(normalised(rig.device.log.get(logRead)));
        }
        fresh.forEach(this::note);
        return fresh;
    }

    /**
     * The two fields that may differ (deviation CLASS_OF_TRANSLATION_EVENTS): CLASS of 0x10 to 0x13, which QEMU leaves zero,
     * and with it word 3, which says nothing for stage 1.
     */
    private static String normalised(String line) {
        Matcher m = EVENT.matcher(line);
        if (!m.matches()) {
            return line;
        }
        int id = Integer.parseInt(m.group(1), 16);
        long word1 = Long.parseUnsignedLong(m.group(3), 16);
        boolean translation = id >= 0x10 && id <= 0x13;
        return String.format("event 0x%02x: %s %016x %s %s", id, m.group(2), translation ? word1 & ~(3L << 40) : word1,
                m.group(4), translation ? "-" : m.group(5));
    }
}
