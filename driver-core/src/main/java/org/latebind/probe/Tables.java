package org.latebind.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Board, catalogue, policy and parameters, compiled into arrays the engine can run on. Immutable. */
final class Tables {

    final Board board;
    final ModuleCatalogue catalogue;
    final Policy policy;
    final Parameters parameters;
    final Layout layout;
    final LinkTable links;
    /** Made when a run with a log asks for it. */
    private volatile LinkTable syncLinks;
    final int deviceCount;
    final int driverCount;
    final int moduleCount;
    final int iommuCount;
    /** Drivers whose tables match a device, and devices a driver's tables match, both in index order. */
    final int[][] driversOfDevice;
    final int[][] devicesOfDriver;
    /** Drivers that share a device with another driver. */
    final int[] contended;
    final DriverDescription[] drivers;
    /** Devices that get their number when they appear: how many, and the place of each, or -1. */
    final int lateNamed;
    final int[] latePlace;
    final int[] busOfDriver;
    final int[] moduleOfDriver;
    final int[][] driversOfModule;
    final boolean[] asyncDriver;
    /** Whether any driver creates devices before it asks for suppliers. */
    final boolean reprobing;
    /** Whether a device's bus has a DMA set-up step at all (virtio has none). */
    final boolean[] dmaBus;
    /** Clients of an IOMMU (devices with an entry that names it), in device order. */
    final int[][] clientsOfIommu;
    final int[][] legacyOfIommu;
    /** Whom the registration of an IOMMU walks over. */
    final int[][] walkOfIommu;
    /** Group partition of a device; devices of one partition share a group. */
    final int[] partition;
    final int partitionCount;
    /** Clients whose group depends on who is attached already. */
    final StreamEntries streams;
    /** Devices that wait for this one to be created, in order. */
    final int[][] childrenOf;
    /** Whether some driver of the catalogue, or a built-in one, drives this IOMMU. */
    final boolean[] iommuKnown;
    /** Modules that are not in the catalogue and yet known to exist. */
    private List<KernelModule> atHand = List.of();
    final boolean[] iommuBuiltin;
    final boolean[] iommuEarly;
    /** Built-in modules in registration order. */
    final int[] bootOrder;
    final Policy.Couplings couplings;
    /** IOMMUs of a device's entries, with the codes of {@link IommuEntry}. */
    final int[][] iommusOf;
    /** Texts a model can give for a deferral, numbered. */
    final Map<String, Integer> staticTexts;
    final Asking[][] askings;
    /** Pin groups each device names. */
    final int[][] pins;
    /** See {@link Pins#broken}. */
    final boolean[] pinsBroken;
    final int[][] iommusAsking;

    Tables(Board board, ModuleCatalogue given, Policy policy, Parameters parameters) {
        this.board = board;
        this.policy = policy;
        this.parameters = parameters;
        ModuleCatalogue asking = given.askingAsBusesDo(policy.suppliers);
        this.catalogue = parameters.builtins() == null ? asking : asking.withBuiltins(java.util.Set.copyOf(parameters.builtins()));
        deviceCount = board.devices.length;
        driverCount = catalogue.drivers().size();
        moduleCount = catalogue.modules().size();
        iommuCount = board.iommuNode.length;
        couplings = policy.couplings(parameters);
        drivers = catalogue.drivers().toArray(DriverDescription[]::new);
        reprobing = Arrays.stream(drivers).anyMatch(DriverDescription::createsBeforeAsking);
        busOfDriver = new int[driverCount];
        moduleOfDriver = new int[driverCount];
        asyncDriver = new boolean[driverCount];
        for (int r = 0; r < driverCount; r++) {
            DriverDescription driver = catalogue.driver(r);
            busOfDriver[r] = board.buses.indexOf(driver.bus());
            moduleOfDriver[r] = catalogue.moduleOf(r);
            asyncDriver[r] = !driver.forceSync() && !driver.createsBeforeAsking() && !driver.deferBecomesError()
                && (driver.async() || parameters.asyncProbe(driver.name()) || asyncModule(catalogue.module(moduleOfDriver[r])));
        }
        int[][] owner = new int[driverCount][];
        Arrays.setAll(owner, r -> new int[] {moduleOfDriver[r]});
        driversOfModule = invert(owner, moduleCount);
        driversOfDevice = new Matcher(board, catalogue).match();
        devicesOfDriver = invert(driversOfDevice, driverCount);
        contended = Arrays.stream(driversOfDevice).filter(drivers -> drivers.length > 1).flatMapToInt(Arrays::stream).distinct()
            .sorted().toArray();
        dmaBus = new boolean[deviceCount];
        for (int d = 0; d < deviceCount; d++) {
            dmaBus[d] = !board.devices[d].bus().equals("virtio");
        }
        iommusOf = new int[deviceCount][];
        for (int d = 0; d < deviceCount; d++) {
            iommusOf[d] = board.devices[d].iommus().stream().mapToInt(IommuEntry::iommu).toArray();
        }
        latePlace = new int[deviceCount];
        int late = 0;
        for (int d = 0; d < deviceCount; d++) {
            latePlace[d] = board.devices[d].namedLate() ? late++ : -1;
        }
        lateNamed = late;
        staticTexts = new HashMap<>();
        askings = Asking.of(board, drivers, driversOfDevice, staticTexts);
        pins = Pins.of(board, policy.suppliers);
        pinsBroken = Pins.broken(board, policy.suppliers);
        iommusAsking = Asking.iommusAsking(board, askings);
        clientsOfIommu = clients();
        legacyOfIommu = legacyClients();
        walkOfIommu = Registration.walks(this);
        iommuKnown = new boolean[iommuCount];
        iommuBuiltin = new boolean[iommuCount];
        iommuEarly = new boolean[iommuCount];
        markIommus();
        links = new LinkTable(board, policy, parameters, unknownReady());
        streams = new StreamEntries(board, iommusBy(DriverDescription.Grouping.STREAM),
            iommusBy(DriverDescription.Grouping.EXCLUSIVE));
        partition = new int[deviceCount];
        partitionCount = partitions();
        childrenOf = childrenOf();
        bootOrder = bootOrder();
        layout = new Layout(this);
    }

    /**
     * Part of the tables, for searches that look at some devices only.
     *
     * @param moduleNumbers modules that stay, in order; their drivers that match no device of the part are left out
     * @param kept          links that stay
     */
    Tables(Tables whole, int[] deviceNumbers, int[] iommuNumbers, int[] moduleNumbers, int[] driverNumbers, int[] kept) {
        board = new Board(whole.board, deviceNumbers, iommuNumbers);
        policy = whole.policy;
        parameters = whole.parameters;
        catalogue = new ModuleCatalogue(part(whole, moduleNumbers, driverNumbers));
        deviceCount = deviceNumbers.length;
        driverCount = driverNumbers.length;
        moduleCount = moduleNumbers.length;
        iommuCount = iommuNumbers.length;
        couplings = whole.couplings;
        drivers = catalogue.drivers().toArray(DriverDescription[]::new);
        reprobing = Arrays.stream(drivers).anyMatch(DriverDescription::createsBeforeAsking);
        busOfDriver = Arrays.stream(driverNumbers).map(r -> whole.busOfDriver[r]).toArray();
        moduleOfDriver = new int[driverCount];
        asyncDriver = new boolean[driverCount];
        for (int r = 0; r < driverCount; r++) {
            moduleOfDriver[r] = catalogue.moduleOf(r);
            asyncDriver[r] = whole.asyncDriver[driverNumbers[r]];
        }
        int[][] owner = new int[driverCount][];
        Arrays.setAll(owner, r -> new int[] {moduleOfDriver[r]});
        driversOfModule = invert(owner, moduleCount);
        int[] driver = Board.inverse(driverNumbers, whole.driverCount);
        driversOfDevice = new int[deviceCount][];
        dmaBus = new boolean[deviceCount];
        iommusOf = new int[deviceCount][];
        partition = new int[deviceCount];
        Map<Integer, Integer> partitions = new HashMap<>();
        for (int d = 0; d < deviceCount; d++) {
            driversOfDevice[d] = Arrays.stream(whole.driversOfDevice[deviceNumbers[d]]).map(r -> driver[r]).filter(r -> r >= 0)
                .sorted().toArray();
            dmaBus[d] = whole.dmaBus[deviceNumbers[d]];
            iommusOf[d] = board.devices[d].iommus().stream().mapToInt(IommuEntry::iommu).toArray();
            Integer known = partitions.putIfAbsent(whole.partition[deviceNumbers[d]], partitions.size());
            partition[d] = known == null ? partitions.size() - 1 : known;
        }
        partitionCount = partitions.size();
        streams = new StreamEntries(whole.streams, deviceNumbers);
        contended = Arrays.stream(driversOfDevice).filter(of -> of.length > 1).flatMapToInt(Arrays::stream).distinct()
            .sorted().toArray();
        devicesOfDriver = invert(driversOfDevice, driverCount);
        latePlace = new int[deviceCount];
        int late = 0;
        for (int d = 0; d < deviceCount; d++) {
            latePlace[d] = board.devices[d].namedLate() ? late++ : -1;
        }
        lateNamed = late;
        staticTexts = new HashMap<>();
        askings = Asking.of(board, drivers, driversOfDevice, staticTexts);
        pins = Pins.of(board, policy.suppliers);
        pinsBroken = Pins.broken(board, policy.suppliers);
        iommusAsking = Asking.iommusAsking(board, askings);
        clientsOfIommu = clients();
        legacyOfIommu = legacyClients();
        walkOfIommu = Registration.walks(this);
        iommuKnown = new boolean[iommuCount];
        iommuBuiltin = new boolean[iommuCount];
        iommuEarly = new boolean[iommuCount];
        for (int p = 0; p < iommuCount; p++) {
            iommuKnown[p] = whole.iommuKnown[iommuNumbers[p]];
            iommuBuiltin[p] = whole.iommuBuiltin[iommuNumbers[p]];
            iommuEarly[p] = whole.iommuEarly[iommuNumbers[p]];
        }
        links = new LinkTable(whole.links, kept, deviceNumbers);
        childrenOf = childrenOf();
        bootOrder = new int[0];
        layout = new Layout(this);
    }

    private static List<KernelModule> part(Tables whole, int[] moduleNumbers, int[] driverNumbers) {
        List<KernelModule> some = new ArrayList<>();
        for (int m : moduleNumbers) {
            List<DriverDescription> kinds = new ArrayList<>();
            for (int r : driverNumbers) {
                if (whole.moduleOfDriver[r] == m) {
                    kinds.add(whole.catalogue.driver(r));
                }
            }
            KernelModule module = whole.catalogue.module(m);
            some.add(new KernelModule(module.name(), module.builtin(), module.level(), module.rank(), kinds));
        }
        return some;
    }

    /** Only what is loaded has options of a load. */
    private boolean asyncModule(KernelModule module) {
        return !module.builtin() && parameters.asyncModule(module.name());
    }

    private static int[][] invert(int[][] lists, int size) {
        int[] count = new int[size];
        for (int[] list : lists) {
            for (int x : list) {
                count[x]++;
            }
        }
        int[][] result = new int[size][];
        for (int i = 0; i < size; i++) {
            result[i] = new int[count[i]];
            count[i] = 0;
        }
        for (int i = 0; i < lists.length; i++) {
            for (int x : lists[i]) {
                result[x][count[x]++] = i;
            }
        }
        return result;
    }

    private int[][] clients() {
        int[][] of = new int[deviceCount][];
        for (int d = 0; d < deviceCount; d++) {
            of[d] = board.devices[d].iommus().stream().mapToInt(IommuEntry::iommu).filter(p -> p >= 0).distinct().toArray();
        }
        return invert(of, iommuCount);
    }

    private int[][] legacyClients() {
        int[][] of = new int[deviceCount][];
        for (int d = 0; d < deviceCount; d++) {
            int p = board.devices[d].legacyIommu();
            of[d] = p < 0 ? new int[0] : new int[] {p};
        }
        return invert(of, iommuCount);
    }

    /** Modules at hand that are not in the catalogue count as configured in the kernel. Only while an engine is made. */
    Tables knowing(List<KernelModule> modules) {
        atHand = List.copyOf(modules);
        int[][] drivers = new Matcher(board, new ModuleCatalogue(atHand)).match();
        for (int p = 0; p < iommuCount; p++) {
            iommuKnown[p] |= board.iommuDevice[p] >= 0 && drivers[board.iommuDevice[p]].length > 0;
        }
        return this;
    }

    private void markIommus() {
        for (int p = 0; p < iommuCount; p++) {
            int device = board.iommuDevice[p];
            if (device < 0) {
                continue;
            }
            for (int r : driversOfDevice[device]) {
                KernelModule module = catalogue.module(moduleOfDriver[r]);
                iommuKnown[p] = true;
                iommuBuiltin[p] |= module.builtin();
                iommuEarly[p] |= module.early();
            }
        }
    }

    private boolean[] unknownReady() {
        boolean[] ready = new boolean[board.nodePath.length];
        if (parameters.unknownSuppliersReady()) {
            Arrays.fill(ready, true);
            for (int p = 0; p < iommuCount; p++) {
                ready[board.iommuNode[p]] = false;
            }
            for (int d = 0; d < deviceCount; d++) {
                int node = board.devices[d].node();
                if (node >= 0 && driversOfDevice[d].length > 0) {
                    ready[node] = false;
                }
            }
            // An ancestor that counts as ready would make everything below it ready too.
            for (int n = ready.length - 1; n >= 0; n--) {
                int parent = board.nodeParent[n];
                if (!ready[n] && parent >= 0) {
                    ready[parent] = false;
                }
            }
        }
        return ready;
    }

    private int partitions() {
        Map<String, Integer> keys = new HashMap<>();
        for (int d = 0; d < deviceCount; d++) {
            BoardDevice device = board.devices[d];
            String key = device.groupKey() == null || streams.tied(d) ? "device " + d : "pci " + device.groupKey();
            int first = device.iommus().isEmpty() ? -1 : device.iommus().get(0).iommu();
            if (groupsBy(first, DriverDescription.Grouping.INSTANCE)) {
                key = "iommu " + first;
            } else if (streams.twin(d) >= 0) {
                key = "stream " + streams.twin(d);
            }
            Integer known = keys.putIfAbsent(key, keys.size());
            partition[d] = known == null ? keys.size() - 1 : known;
        }
        return keys.size();
    }

    private boolean[] iommusBy(DriverDescription.Grouping grouping) {
        boolean[] by = new boolean[iommuCount];
        for (int p = 0; p < iommuCount; p++) {
            by[p] = groupsBy(p, grouping);
        }
        return by;
    }

    private boolean groupsBy(int iommu, DriverDescription.Grouping grouping) {
        return iommu >= 0 && board.iommuDevice[iommu] >= 0 && Arrays.stream(driversOfDevice[board.iommuDevice[iommu]])
            .anyMatch(r -> catalogue.driver(r).grouping() == grouping);
    }

    /** The links that delay sync_state: those that hold consumers, and permissive ones, which do nothing else. */
    LinkTable syncLinks() {
        LinkTable made = syncLinks;
        if (made == null) {
            made = parameters.fwDevlink(policy) == FwDevlink.PERMISSIVE
                ? new LinkTable(board, policy, parameters, unknownReady(), true) : links;
            syncLinks = made;
        }
        return made;
    }

    private int[][] childrenOf() {
        int[][] creators = new int[deviceCount][];
        for (int d = 0; d < deviceCount; d++) {
            int creator = board.devices[d].creator();
            creators[d] = creator < 0 ? new int[0] : new int[] {creator};
        }
        return invert(creators, deviceCount);
    }

    private int[] bootOrder() {
        List<Integer> order = new ArrayList<>();
        for (int m = 0; m < moduleCount; m++) {
            if (catalogue.module(m).builtin()) {
                order.add(m);
            }
        }
        order.sort(java.util.Comparator.comparingInt(m -> levelOf(catalogue.module(m)) * 1_000_000 + catalogue.module(m).rank()));
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    List<KernelModule> atHand() {
        return atHand;
    }

    private static int levelOf(KernelModule module) {
        List<String> levels = List.of("early", "pure", "core", "postcore", "arch", "subsys", "fs", "device", "late");
        int level = module.level() == null ? -1 : levels.indexOf(module.level());
        return level < 0 ? levels.indexOf("device") : level;
    }

    boolean matches(int device, int driver) {
        return Arrays.binarySearch(driversOfDevice[device], driver) >= 0;
    }
}
