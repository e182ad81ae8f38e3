package org.latebind.smmu.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.latebind.machine.AccessListener;

/** Writes down register accesses by the registers' names. Table addresses, which depend on the allocator, are replaced. */
final class RegisterTrace implements AccessListener {

    private static final Map<Integer, String> GR0 = Map.ofEntries(Map.entry(0x000, "sCR0"), Map.entry(0x010, "sACR"),
            Map.entry(0x020, "ID0"), Map.entry(0x024, "ID1"), Map.entry(0x028, "ID2"), Map.entry(0x03c, "ID7"),
            Map.entry(0x048, "sGFSR"), Map.entry(0x050, "sGFSYNR0"), Map.entry(0x054, "sGFSYNR1"),
            Map.entry(0x058, "sGFSYNR2"), Map.entry(0x064, "TLBIVMID"), Map.entry(0x068, "TLBIALLNSNH"),
            Map.entry(0x06c, "TLBIALLH"), Map.entry(0x070, "sTLBGSYNC"), Map.entry(0x074, "sTLBGSTATUS"));
    private static final Map<Integer, String> CB = Map.ofEntries(Map.entry(0x000, "SCTLR"), Map.entry(0x004, "ACTLR"),
            Map.entry(0x008, "RESUME"), Map.entry(0x010, "TCR2"), Map.entry(0x020, "TTBR0"), Map.entry(0x024, "TTBR0H"),
            Map.entry(0x028, "TTBR1"), Map.entry(0x02c, "TTBR1H"), Map.entry(0x030, "TCR"), Map.entry(0x038, "MAIR0"),
            Map.entry(0x03c, "MAIR1"), Map.entry(0x058, "FSR"), Map.entry(0x060, "FAR"), Map.entry(0x064, "FARH"),
            Map.entry(0x068, "FSYNR0"), Map.entry(0x600, "TLBIVA"), Map.entry(0x610, "TLBIASID"), Map.entry(0x620, "TLBIVAL"),
            Map.entry(0x630, "TLBIIPAS2"), Map.entry(0x638, "TLBIIPAS2L"), Map.entry(0x7f0, "TLBSYNC"),
            Map.entry(0x7f4, "TLBSTATUS"), Map.entry(0x800, "ATS1PR"), Map.entry(0x8f0, "ATSR"), Map.entry(0x050, "PAR"));

    private final List<String> lines = new ArrayList<>();
    private final int pageShift;
    private final int pages;
    private final boolean severalWindows;

    RegisterTrace(int pageShift, int pages, boolean severalWindows) {
        this.pageShift = pageShift;
        this.pages = pages;
        this.severalWindows = severalWindows;
    }

    void section(String title) {
        lines.add("# " + title);
    }

    /** The lines; a run of writes to one register, each one above the last, is one line. */
    List<String> lines() {
        List<String> shortened = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            int end = i;
            while (end + 1 < lines.size() && follows(lines.get(end), lines.get(end + 1))) {
                end++;
            }
            if (end - i < 3) {
                shortened.add(lines.get(i));
            } else {
                shortened.add(lines.get(i) + " to " + lines.get(end).substring(lines.get(end).lastIndexOf(' ') + 1));
                i = end;
            }
        }
        return shortened;
    }

    private static boolean follows(String line, String next) {
        int at = line.lastIndexOf(" 0x");
        int nextAt = next.lastIndexOf(" 0x");
        return line.contains("W ") && at > 0 && at == nextAt && line.substring(0, at).equals(next.substring(0, at))
                && Long.decode(next.substring(at + 1)) == Long.decode(line.substring(at + 1)) + 1;
    }

    @Override
    public void access(String path, int window, long offset, boolean write, long value) {
        int page = (int) (offset >> pageShift);
        int at = (int) (offset & (1 << pageShift) - 1);
        String name = page == 0 ? page0(at) : page == 1 ? page1(at) : "CB" + (page - pages) + "." + CB.getOrDefault(at,
                Integer.toHexString(at));
        String shown = name.contains(".TTBR") ? table(name, value) : String.format("0x%08x", value);
        lines.add((severalWindows ? window + " " : "") + (write ? "W " : "R ") + name + " " + shown);
    }

    private static String page0(int at) {
        return at >= 0xc00 ? "S2CR" + (at - 0xc00) / 4 : at >= 0x800 ? "SMR" + (at - 0x800) / 4
                : GR0.getOrDefault(at, Integer.toHexString(at));
    }

    private static String page1(int at) {
        return (at >= 0x800 ? "CBA2R" : at >= 0x400 ? "CBFRSYNRA" : "CBAR") + at % 0x400 / 4;
    }

    private static String table(String name, long value) {
        if (name.endsWith("H")) {
            return String.format("0x%08x", value);
        }
        return String.format("asid 0x%x, %s", value >>> 48, (value & 0xffffffffffffL) == 0 ? "no table" : "the table");
    }
}
