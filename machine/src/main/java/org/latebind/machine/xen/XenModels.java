package org.latebind.machine.xen;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.Finding;
import org.latebind.hardware.xen.Hypervisor;
import org.latebind.machine.MachineLayout;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.RegisterWindow;
import org.latebind.machine.StreamTranslator;
import org.latebind.machine.Verdict;
import org.latebind.machine.memory.MemoryRange;

/**
 * The models of a Xen guest's tree: the hypervisor behind {@code xen,xen}, and behind {@code xen,grant-dma} the way of a
 * backend's accesses to memory. The machine's memory must hold the hypervisor node's first window as well as the guest's
 * RAM.
 *
 * <p>Options: {@value #DOMID} the guest's own domain id (default 1), {@value #MAX_FRAMES} frames its grant table may grow to
 * (default 64), {@value #RAM} the guest's memory as {@code start+size} in hexadecimal, comma separated (default: all 40 bits
 * of addresses except the window).
 */
public final class XenModels implements ModelFactory {

    /** Option: domain id of the guest, decimal. */
    public static final String DOMID = "xen.domid";
    /** Option: frames the guest's grant table may grow to, decimal. */
    public static final String MAX_FRAMES = "xen.gnttab-max-frames";
    /** Option: the guest's memory. */
    public static final String RAM = "xen.ram";
    /** Compatible string of the node that announces the hypervisor. */
    public static final String HYPERVISOR = "xen,xen";
    /** Compatible string of the node whose references name backends. */
    public static final String GRANT_DMA = "xen,grant-dma";

    /** Frames whose entries and status fit the largest window. */
    private static final int MAX_FRAMES_LIMIT = 4096;
    /** More than any grant table needs: 4096 frames of entries and of status. */
    private static final long WINDOW_BYTES_MAX = 32L << 20;

    @Override
    public boolean matches(List<String> compatible) {
        return compatible.contains(HYPERVISOR) || compatible.contains(GRANT_DMA);
    }

    @Override
    public Model create(Surroundings surroundings) {
        return surroundings.node().strings("compatible").contains(HYPERVISOR) ? new HypervisorModel(surroundings)
                : new GrantModel(surroundings);
    }

    /** The node {@code /hypervisor}. It has no registers: its window is the guest's view of the grant table, which is memory. */
    private static final class HypervisorModel implements Model {
        private final XenPlatform platform;

        HypervisorModel(Surroundings surroundings) {
            int[] reg = surroundings.node().cells("reg");
            int maxFrames = number(surroundings, MAX_FRAMES, DomainSpec.DEFAULT_GRANT_FRAMES, MAX_FRAMES_LIMIT);
            long window = reg.length < 4 ? 0 : (long) reg[0] << 32 | Integer.toUnsignedLong(reg[1]);
            if (window == 0 || !surroundings.memory().isMemory(window, (long) maxFrames * 4096)) {
                surroundings.report(new Finding("xen-no-grant-window", surroundings.node().path(),
                        "the first window does not hold a grant table of " + maxFrames + " frames"));
                platform = null;
                return;
            }
            XenHypervisor xen = new XenHypervisor(surroundings.memory(), new ReentrantLock(), false, surroundings::report);
            int domid = number(surroundings, DOMID, 1, DomainSpec.FIRST_RESERVED - 1);
            xen.create(DomainSpec.guest(domid, ram(surroundings.option(RAM, ""), window), window)
                    .withMaxGrantFrames(maxFrames));
            platform = new XenPlatform(xen, domid);
        }

        @Override
        public List<RegisterWindow> windows() {
            return List.of();
        }

        @Override
        public StreamTranslator translator() {
            return null;
        }

        @Override
        public Hypervisor hypervisor() {
            return platform;
        }
    }

    /**
     * The windows in which guests see their grant tables: memory the machine has besides its RAM.
     *
     * @param layout the board; windows that overlap its memory are left out
     */
    public static List<MemoryRange> windows(MachineLayout layout) {
        List<MemoryRange> taken = new ArrayList<>();
        layout.memory().forEach(r -> taken.add(new MemoryRange(r.start(), r.sizeBytes())));
        List<MemoryRange> windows = new ArrayList<>();
        for (MachineLayout.Node node : layout.nodes()) {
            if (!node.compatible().contains(HYPERVISOR) || node.registers().isEmpty()) {
                continue;
            }
            MachineLayout.Range first = node.registers().get(0);
            boolean pages = ((first.start() | first.sizeBytes()) & 4095) == 0 && first.start() > 0
                    && first.sizeBytes() > 0 && first.sizeBytes() <= WINDOW_BYTES_MAX;
            if (pages) {
                MemoryRange window = new MemoryRange(first.start(), first.sizeBytes());
                if (taken.stream().noneMatch(window::overlaps)) {
                    taken.add(window);
                    windows.add(window);
                }
            }
        }
        return windows;
    }

    private static int number(Surroundings surroundings, String name, int fallback, int max) {
        String text = surroundings.option(name, Integer.toString(fallback));
        try {
            int value = Integer.parseInt(text);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, together with numbers out of range.
        }
        throw new IllegalArgumentException(name + " is '" + text + "', which is no number from 0 to " + max);
    }

    private static List<MemoryRange> ram(String option, long window) {
        List<MemoryRange> ranges = new ArrayList<>();
        if (option.isEmpty()) {
            long windowEnd = window + (16L << 20);
            ranges.add(new MemoryRange(0, window));
            ranges.add(new MemoryRange(windowEnd, (1L << 40) - windowEnd));
            return ranges;
        }
        for (String part : option.split(",")) {
            String[] startAndSize = part.strip().split("\\+");
            try {
                ranges.add(new MemoryRange(Long.parseUnsignedLong(startAndSize[0], 16),
                        Long.parseUnsignedLong(startAndSize[1], 16)));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IllegalArgumentException(RAM + " has '" + part + "', which is no start+size in hexadecimal", e);
            }
        }
        return ranges;
    }

    /** The grant node: what a backend's access to a bus address becomes. */
    private static final class GrantModel implements Model, StreamTranslator {
        private final Surroundings surroundings;

        GrantModel(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public List<RegisterWindow> windows() {
            return List.of();
        }

        @Override
        public StreamTranslator translator() {
            return this;
        }

        @Override
        public Verdict translate(int streamId, long busAddress, boolean write) {
            for (DeviceProperties node : surroundings.findCompatible(HYPERVISOR)) {
                Model model = surroundings.model(node.path());
                if (model != null && model.hypervisor() instanceof XenPlatform platform) {
                    return platform.judge(streamId, busAddress, write);
                }
            }
            return Verdict.untranslated(busAddress, "no hypervisor");
        }
    }
}
