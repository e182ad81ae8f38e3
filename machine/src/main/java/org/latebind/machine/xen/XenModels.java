package org.latebind.machine.xen;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.xen.Hypervisor;
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
            XenHypervisor xen = new XenHypervisor(surroundings.memory(), new ReentrantLock(), false, surroundings::report);
            int domid = Integer.parseInt(surroundings.option(DOMID, "1"));
            long window = window(surroundings.node());
            int maxFrames = Integer.parseInt(surroundings.option(MAX_FRAMES,
                    Integer.toString(DomainSpec.DEFAULT_GRANT_FRAMES)));
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

    /** Start of the first window of a hypervisor node with two address cells, as Xen and its toolstack write it. */
    public static long window(DeviceProperties hypervisor) {
        int[] reg = hypervisor.cells("reg");
        if (reg.length < 4) {
            throw new IllegalArgumentException(hypervisor.path() + ": reg has " + reg.length
                    + " cells, a hypervisor node needs 4 or more");
        }
        return (long) reg[0] << 32 | Integer.toUnsignedLong(reg[1]);
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
            ranges.add(new MemoryRange(Long.parseUnsignedLong(startAndSize[0], 16), Long.parseUnsignedLong(startAndSize[1], 16)));
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
