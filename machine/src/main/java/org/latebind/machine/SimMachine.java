package org.latebind.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.latebind.devicetree.DeviceTree;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.Finding;
import org.latebind.hardware.Interrupts;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PageAllocator;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.hardware.xen.Hypervisor;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.MemoryRange;
import org.latebind.machine.memory.SparseMemory;
import org.latebind.machine.xen.XenModels;

/**
 * A machine made of models: memory, register bus, interrupt lines, bus masters and virtual time of one board.
 *
 * <p>Models may come and go while the machine runs ({@link #add}, {@link #remove}): nothing answers for a node without one.
 *
 * <p>Thread safe. Models run under one lock, one access at a time; interrupt handlers run on the executor of
 * {@link Interrupts#runHandlersOn}, never under the lock. Time moves only through {@link #delay()}.
 *
 * <p>Options (a map of strings) belong to the models; the machine itself knows {@value #POWER_OFF}: comma separated paths
 * of devices whose power domain is off.
 */
public final class SimMachine implements Machine {

    /** Option: comma separated paths of devices whose registers are dead because their power domain is off. */
    public static final String POWER_OFF = "power.off";

    private static final long NANOS_PER_MICRO = 1000;
    private static final int HEXADECIMAL = 16;

    private final MachineLock lock = new MachineLock();
    private final FindingLog findings = new FindingLog();
    private final InterruptLines lines = new InterruptLines(findings);
    private final Bus bus = new Bus(lock, findings);
    private final AtomicLong nanos = new AtomicLong();
    private final Map<String, ModelFactory.Model> models = new ConcurrentHashMap<>();
    private final Map<String, ModelFactory> makers = new ConcurrentHashMap<>();
    private final Map<String, DmaMaster> masters = new LinkedHashMap<>();
    private final MachineLayout layout;
    private final PhysicalMemory memory;
    private final PageAllocator pages;
    private final Map<String, String> options;

    /**
     * Builds a machine with every device in its reset state.
     *
     * @param layout    what the board is made of
     * @param memory    its physical memory
     * @param pages     hands out that memory
     * @param factories asked in order for every node; the first that matches makes the model
     * @param options   options of the models, by name
     */
    public SimMachine(MachineLayout layout, PhysicalMemory memory, PageAllocator pages, List<ModelFactory> factories,
            Map<String, String> options) {
        this.layout = layout;
        this.memory = memory;
        this.pages = pages;
        this.options = Map.copyOf(options);
        lock.afterRelease(lines::dispatch);
        for (MachineLayout.Node node : layout.nodes()) {
            factories.stream().filter(f -> f.matches(node.compatible())).findFirst().ifPresent(f -> install(f, node));
        }
        for (MachineLayout.Master master : layout.masters()) {
            masters.put(master.path(), new BusMaster(master, models, memory, lock, findings));
        }
        for (String path : this.options.getOrDefault(POWER_OFF, "").split(",")) {
            bus.power(path.strip(), false);
        }
    }

    /**
     * Builds the machine of a board: memory from the tree's memory nodes (1 GiB at 0x40000000 when it has none), all of it
     * free except what the tree reserves.
     *
     * @param tree    the board; not null
     * @param models  factories, asked in order
     * @param options options of the models, by name
     */
    public static SimMachine of(DeviceTree tree, List<ModelFactory> models, Map<String, String> options) {
        MachineLayout layout = TreeLayout.of(tree);
        List<MemoryRange> ram = layout.memory().stream().map(r -> new MemoryRange(r.start(), r.sizeBytes())).toList();
        List<MemoryRange> all = new ArrayList<>(ram);
        all.addAll(XenModels.windows(layout));
        SparseMemory memory = new SparseMemory(all);
        return new SimMachine(layout, memory, new MemoryAllocator(memory, FreeRanges.of(tree, ram)), models, options);
    }

    /**
     * Plugs hardware in: the factory makes the model of every node it matches that has none yet.
     *
     * @return paths of the nodes that answer from now on, in document order
     */
    public List<String> add(ModelFactory factory) {
        List<String> added = new ArrayList<>();
        lock.run(() -> {
            for (MachineLayout.Node node : layout.nodes()) {
                if (!models.containsKey(node.path()) && factory.matches(node.compatible())) {
                    install(factory, node);
                    added.add(node.path());
                }
            }
        });
        return added;
    }

    /**
     * Pulls hardware out: every model this factory made is gone, its registers answer no more, its interrupts fall, and
     * masters behind it pass untranslated. Drivers have to have let go before.
     *
     * @return paths of the nodes that answer no more, in document order
     */
    public List<String> remove(ModelFactory factory) {
        List<String> removed = new ArrayList<>();
        lock.run(() -> {
            for (MachineLayout.Node node : layout.nodes()) {
                if (makers.remove(node.path(), factory)) {
                    models.remove(node.path());
                    bus.detach(node.path());
                    for (int i = 0; i < node.interruptLines().size(); i++) {
                        lines.set(node.path() + "#" + i, node.interruptLines().get(i), false);
                    }
                    removed.add(node.path());
                }
            }
        });
        return removed;
    }

    /** Compatible strings of all nodes that have a model, sorted. */
    public Set<String> modelled() {
        return compatible(node -> models.containsKey(node.path()));
    }

    /** Compatible strings that no node would answer to any more if this factory's models went, sorted. */
    public Set<String> modelledBy(ModelFactory factory) {
        Set<String> only = compatible(node -> makers.get(node.path()) == factory);
        only.removeAll(compatible(node -> models.containsKey(node.path()) && makers.get(node.path()) != factory));
        return only;
    }

    private Set<String> compatible(Predicate<MachineLayout.Node> which) {
        Set<String> compatible = new TreeSet<>();
        layout.nodes().stream().filter(which).forEach(node -> compatible.addAll(node.compatible()));
        return compatible;
    }

    private void install(ModelFactory factory, MachineLayout.Node node) {
        ModelFactory.Model model = factory.create(new NodeSurroundings(node));
        models.put(node.path(), model);
        makers.put(node.path(), factory);
        List<RegisterWindow> windows = model.windows();
        for (int i = 0; i < Math.min(windows.size(), node.registers().size()); i++) {
            long base = node.registers().get(i).start();
            if (!bus.attach(base, node.path(), i, windows.get(i))) {
                findings.report(new Finding("bus-overlapping-windows", node.path(),
                        "window " + i + " at 0x" + Long.toHexString(base) + " overlaps another device"));
            }
        }
    }

    @Override
    public String backend() {
        return "sim";
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public PageAllocator pages() {
        return pages;
    }

    @Override
    public Mmio map(long address, long sizeBytes) {
        return bus.map(address, sizeBytes);
    }

    @Override
    public Interrupts interrupts() {
        return lines;
    }

    /**
     * Masters of the tree by path; functions of a PCI host by {@code host@requesterId}, the id in hexadecimal. A function that
     * {@code iommu-map} leaves out and a virtio transport without {@code iommus} go straight to memory.
     */
    @Override
    public Optional<DmaMaster> master(String devicePath) {
        DmaMaster master = masters.get(devicePath);
        if (master != null) {
            return Optional.of(master);
        }
        boolean transport = layout.nodes().stream().anyMatch(n -> n.path().equals(devicePath)
                && n.compatible().contains("virtio,mmio"));
        return (transport ? Optional.of(MachineLayout.Stream.direct(0)) : function(devicePath))
                .map(s -> new BusMaster(new MachineLayout.Master(devicePath, List.of(s)), models, memory, lock, findings));
    }

    private Optional<MachineLayout.Stream> function(String name) {
        int at = name.lastIndexOf('@');
        if (at <= 0 || !name.substring(at + 1).matches("[0-9a-fA-F]{1,4}")) {
            return Optional.empty();
        }
        int requesterId = Integer.parseInt(name.substring(at + 1), HEXADECIMAL);
        return layout.hosts().stream().filter(h -> h.path().equals(name.substring(0, at))).findFirst()
                .map(h -> h.stream(requesterId).orElse(MachineLayout.Stream.direct(requesterId)));
    }

    /** All bus masters, in document order. */
    public List<DmaMaster> masters() {
        return List.copyOf(masters.values());
    }

    @Override
    public Delay delay() {
        return new Delay() {
            @Override
            public void micros(long micros) {
                if (micros < 0) {
                    throw new IllegalArgumentException("time runs forward only: " + micros);
                }
                nanos.addAndGet(Math.multiplyExact(micros, NANOS_PER_MICRO));
                // A model may have something due; it looks at the clock when it is next asked.
                lock.run(() -> { });
            }

            @Override
            public long nanos() {
                return nanos.get();
            }
        };
    }

    @Override
    public Optional<Hypervisor> hypervisor() {
        return models.values().stream().map(ModelFactory.Model::hypervisor).filter(Objects::nonNull).findFirst();
    }

    @Override
    public List<Finding> findings() {
        return findings.snapshot();
    }

    /** Forgets all findings, for tests that look at one step at a time. */
    public void clearFindings() {
        findings.clear();
    }

    /** The board this machine was built from. */
    public MachineLayout layout() {
        return layout;
    }

    /** The model behind a node, if one of the factories made it; for tests and inspection. */
    public Optional<ModelFactory.Model> model(String path) {
        return Optional.ofNullable(models.get(path));
    }

    /** Switches a device's power domain: its registers are dead while it is off. */
    public void power(String path, boolean on) {
        bus.power(path, on);
    }

    /** Takes the power from a device and gives it back: its registers are in their reset state. */
    public void reset(String path) {
        ModelFactory.Model model = models.get(path);
        if (model != null) {
            lock.run(model::reset);
        }
    }

    /** System sleep: every device loses its power and gets it back. */
    public void resetAll() {
        lock.run(() -> layout.nodes().forEach(node -> reset(node.path())));
    }

    /** Adds an observer of register accesses. */
    public void addListener(AccessListener listener) {
        bus.listen(listener);
    }

    /** Removes an observer. */
    public void removeListener(AccessListener listener) {
        bus.unlisten(listener);
    }

    /** Number of connected interrupt handlers, for leak checks. */
    public int interruptHandlers() {
        return lines.handlerCount();
    }

    /** The machine as one model sees it. */
    private final class NodeSurroundings implements ModelFactory.Surroundings {
        private final MachineLayout.Node node;

        NodeSurroundings(MachineLayout.Node node) {
            this.node = node;
        }

        @Override
        public DeviceProperties node() {
            return node.properties();
        }

        @Override
        public List<DeviceProperties> findCompatible(String compatible) {
            List<DeviceProperties> found = new ArrayList<>();
            for (MachineLayout.Node candidate : layout.nodes()) {
                if (candidate.compatible().contains(compatible)) {
                    found.add(candidate.properties());
                }
            }
            return found;
        }

        @Override
        public ModelFactory.Model model(String path) {
            return path == null ? null : models.get(path);
        }

        @Override
        public PhysicalMemory memory() {
            return memory;
        }

        @Override
        public int interruptCount() {
            return node.interruptLines().size();
        }

        @Override
        public void interrupt(int index, boolean raised) {
            lines.set(sourceOf(index), node.interruptLines().get(index), raised);
        }

        private String sourceOf(int index) {
            return node.path() + "#" + index;
        }

        @Override
        public long nanos() {
            return nanos.get();
        }

        @Override
        public void report(Finding finding) {
            findings.report(finding);
        }

        @Override
        public String option(String name, String fallback) {
            return options.getOrDefault(name, fallback);
        }
    }
}
