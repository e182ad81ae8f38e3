package org.latebind.probe;

import java.util.List;
import java.util.Objects;
import org.latebind.devicetree.IommuMap;

/**
 * One generation of the driver core, as data plus small functions; the engine asks the policy and never who it is.
 * Source: driver-core sheet, section 12 and the era tables it points to.
 */
public final class Policy {

    /** When a client's IOMMU is looked up. */
    public enum Lookup { /** When the device is created. */ AT_CREATION, /** In the driver's probe. */ AT_PROBE,
        /** When the IOMMU registers, and again in the probe. */ AT_REGISTRATION }

    /** What becomes of a second, different IOMMU driver. */
    public enum SecondDriver { /** Works. */ WORKS, /** Its probe fails with EBUSY. */ FAILS,
        /** It binds, but its clients run direct. */ IGNORED }

    /** What an IOMMU's departure does to its clients. */
    public enum Departure { /** Nothing but the loss of translation before 6.0. */ CLIENTS_STAY_UNRELEASED,
        /** They lose their group and stay bound. */ CLIENTS_LOSE_GROUP,
        /** They are unbound first and wait again. */ CLIENTS_WAIT_AGAIN }

    /** What is done with {@code mmu-masters}. */
    public enum Legacy { /** Nothing waits; SMMUs of the kernel's early levels find their masters. */ BY_INITCALL_ORDER,
        /** Ops are set at the end of the device level; a deferred SMMU is missed. */ AT_DEVICE_INITCALL_SYNC,
        /** Each SMMU serves the masters of those registered before it. */ ONE_LATE,
        /** Edges from the whole tree: masters wait for their own SMMU. */ EDGES_FROM_TREE }

    /** How the machine comes up. */
    public enum BootRule { /** Devices and drivers meet at any time. */ LINUX, /** Xen: one fixpoint at boot. */ FIXPOINT }

    final String name;
    String summary = "";
    AbsentRule absent = AbsentRule.UNTIL_TIMEOUT;
    AbsentRule absentAcpi = AbsentRule.FOR_EVER_WHEN_CONFIGURED;
    AbsentRule absentPinController = AbsentRule.WITH_MODULES;
    AbsentRule absentPowerDomain = AbsentRule.UNTIL_TIMEOUT;
    Lookup lookup = Lookup.AT_PROBE;
    int timeoutSeconds = 10;
    boolean rearms = true;
    /** Whether {@code deferred_probe_timeout} is known at all (4.19). */
    boolean timer = true;
    int lateInitPasses = 2;
    FwDevlink fwDevlink = FwDevlink.RPM;
    boolean strict;
    SupplierProperties.Era suppliers = SupplierProperties.Era.V6_12;
    IommuMap.Reading iommuMap = IommuMap.Reading.FOUR_CELLS;
    SecondDriver secondDriver = SecondDriver.WORKS;
    boolean mixedEntryWaits = true;
    boolean coreErrorStopsWalk = true;
    boolean moduleReferences = true;
    Departure departure = Departure.CLIENTS_LOSE_GROUP;
    Legacy legacy = Legacy.ONE_LATE;
    BootRule boot = BootRule.LINUX;
    boolean forcedWaitAgain;
    boolean neverWaitsForImpossible;
    /** Whether a probe attaches the device's power domain at all. */
    boolean powerDomains = true;

    private Policy(String name) {
        this.name = name;
    }

    private Policy(String name, Policy base) {
        this(name);
        this.absent = base.absent;
        this.absentAcpi = base.absentAcpi;
        this.absentPowerDomain = base.absentPowerDomain;
        this.absentPinController = base.absentPinController;
        this.lookup = base.lookup;
        this.timeoutSeconds = base.timeoutSeconds;
        this.rearms = base.rearms;
        this.timer = base.timer;
        this.lateInitPasses = base.lateInitPasses;
        this.fwDevlink = base.fwDevlink;
        this.strict = base.strict;
        this.suppliers = base.suppliers;
        this.iommuMap = base.iommuMap;
        this.secondDriver = base.secondDriver;
        this.mixedEntryWaits = base.mixedEntryWaits;
        this.coreErrorStopsWalk = base.coreErrorStopsWalk;
        this.moduleReferences = base.moduleReferences;
        this.departure = base.departure;
        this.legacy = base.legacy;
        this.boot = base.boot;
        this.forcedWaitAgain = base.forcedWaitAgain;
        this.neverWaitsForImpossible = base.neverWaitsForImpossible;
        this.powerDomains = base.powerDomains;
    }

    /** Linux up to 4.11: the order of initcalls decides. */
    public static final Policy INITCALL_ORDER = initcallOrder();
    /** Linux 4.12 to 4.18: waits for built-in IOMMU drivers until user space starts. */
    public static final Policy DEFER_BUILTIN = deferBuiltin();
    /** Linux 4.19 to 5.6, in effect to 5.19: waits until late-init. */
    public static final Policy DEFER_LATE_INIT = deferLateInit();
    /** Linux 5.7 to 5.19: the same, but a timeout that is asked for is kept. */
    public static final Policy TIMEOUT_OPTIONAL = timeoutOptional();
    /** The proposal of 2019, ACPI up to 6.12, and any negative timeout: waits for ever. */
    public static final Policy DEFER_INDEFINITE = deferIndefinite();
    /** Linux 6.0 to 6.7: waits for the timer. */
    public static final Policy TIMEOUT = timeout();
    /** Linux 6.8 to 6.14: the same, with several IOMMU drivers. */
    public static final Policy TIMEOUT_MULTI = timeoutMulti();
    /** Linux 6.15 to 7.3: groups are made when the IOMMU registers. */
    public static final Policy EARLY_GROUP = earlyGroup();
    /** {@link #TIMEOUT_MULTI} with {@code fw_devlink.strict=1}. */
    public static final Policy FW_DEVLINK_STRICT = fwDevlinkStrict();
    /** Xen on Arm: one fixpoint over the tree at boot. */
    public static final Policy XEN = xen();
    /** Ours: edges derived from the whole tree up front; nobody runs untranslated by accident of order. */
    public static final Policy LATEBIND = latebind();

    private static Policy initcallOrder() {
        Policy p = new Policy("initcall-order");
        p.summary = "Linux up to 4.11: looked up when the device is created; nobody waits";
        p.absent = AbsentRule.NEVER_WAITS;
        p.absentAcpi = AbsentRule.NEVER_WAITS;
        p.absentPowerDomain = AbsentRule.FOR_EVER_WITH_MODULES;
        p.absentPinController = AbsentRule.ALWAYS_WAITS;
        p.lookup = Lookup.AT_CREATION;
        p.timeoutSeconds = -1;
        p.rearms = false;
        p.timer = false;
        p.lateInitPasses = 1;
        p.fwDevlink = FwDevlink.OFF;
        p.suppliers = SupplierProperties.Era.V5_10;
        p.secondDriver = SecondDriver.IGNORED;
        p.mixedEntryWaits = false;
        p.coreErrorStopsWalk = false;
        p.moduleReferences = false;
        p.departure = Departure.CLIENTS_STAY_UNRELEASED;
        p.legacy = Legacy.BY_INITCALL_ORDER;
        return p;
    }

    private static Policy deferBuiltin() {
        Policy p = new Policy("defer-builtin", INITCALL_ORDER);
        p.summary = "Linux 4.12 to 4.18: waits for built-in IOMMU drivers until user space starts";
        p.absent = AbsentRule.BUILTIN_BEFORE_USER_SPACE;
        p.absentAcpi = AbsentRule.FOR_EVER_WHEN_CONFIGURED;
        p.lookup = Lookup.AT_PROBE;
        p.legacy = Legacy.AT_DEVICE_INITCALL_SYNC;
        return p;
    }

    private static Policy deferLateInit() {
        Policy p = new Policy("defer-late-init", DEFER_BUILTIN);
        p.summary = "Linux 4.19 to 5.6, in effect to 5.19: waits until late-init, then runs direct";
        p.absent = AbsentRule.UNTIL_LATE_INIT;
        p.timer = true;
        p.absentPowerDomain = AbsentRule.UNTIL_LATE_INIT;
        p.absentPinController = AbsentRule.UNTIL_TIMEOUT;
        p.lateInitPasses = 2;
        p.fwDevlink = FwDevlink.PERMISSIVE;
        p.moduleReferences = true;
        return p;
    }

    private static Policy timeoutOptional() {
        Policy p = new Policy("timeout-optional", DEFER_LATE_INIT);
        p.summary = "Linux 5.7 to 5.19: as before, but with deferred_probe_timeout given it waits so long, or for ever";
        p.absent = AbsentRule.UNTIL_TIMEOUT;
        p.absentPowerDomain = AbsentRule.UNTIL_TIMEOUT;
        p.absentPinController = AbsentRule.WITH_MODULES;
        p.timeoutSeconds = 0;
        return p;
    }

    private static Policy deferIndefinite() {
        Policy p = new Policy("defer-indefinite", DEFER_LATE_INIT);
        p.summary = "The proposal of 2019: with modules, waits for ever";
        p.absent = AbsentRule.FOR_EVER_WITH_MODULES;
        return p;
    }

    private static Policy timeout() {
        Policy p = new Policy("timeout", DEFER_LATE_INIT);
        p.summary = "Linux 6.0 to 6.7: waits for a timer that every driver registration restarts; one IOMMU driver";
        p.absent = AbsentRule.UNTIL_TIMEOUT;
        p.absentPowerDomain = AbsentRule.UNTIL_TIMEOUT;
        p.absentPinController = AbsentRule.WITH_MODULES;
        p.timeoutSeconds = 10;
        p.rearms = true;
        p.fwDevlink = FwDevlink.ON;
        p.suppliers = SupplierProperties.Era.V6_1;
        p.secondDriver = SecondDriver.FAILS;
        p.coreErrorStopsWalk = true;
        p.departure = Departure.CLIENTS_LOSE_GROUP;
        p.legacy = Legacy.ONE_LATE;
        return p;
    }

    private static Policy timeoutMulti() {
        Policy p = new Policy("timeout-multi", TIMEOUT);
        p.summary = "Linux 6.8 to 6.14: waits for a timer that every driver registration restarts; several IOMMU drivers";
        p.fwDevlink = FwDevlink.RPM;
        p.suppliers = SupplierProperties.Era.V6_12;
        p.secondDriver = SecondDriver.WORKS;
        p.mixedEntryWaits = true;
        return p;
    }

    private static Policy earlyGroup() {
        Policy p = new Policy("early-group", TIMEOUT_MULTI);
        p.summary = "Linux 6.15 to 7.3: as before, but groups are made when the IOMMU registers";
        p.lookup = Lookup.AT_REGISTRATION;
        p.suppliers = SupplierProperties.Era.V7_3;
        p.iommuMap = IommuMap.Reading.TARGET_CELLS;
        p.absentAcpi = AbsentRule.UNTIL_TIMEOUT_WHEN_CONFIGURED;
        return p;
    }

    private static Policy fwDevlinkStrict() {
        Policy p = new Policy("fw-devlink-strict", TIMEOUT_MULTI);
        p.summary = "timeout-multi with fw_devlink.strict=1: device links hold IOMMU clients back too";
        p.strict = true;
        return p;
    }

    private static Policy xen() {
        Policy p = new Policy("xen", INITCALL_ORDER);
        p.summary = "Xen on Arm: one fixpoint over the tree at boot with EAGAIN, then panic or go on";
        p.boot = BootRule.FIXPOINT;
        p.powerDomains = false;
        p.absentPinController = AbsentRule.NEVER_WAITS;
        p.lookup = Lookup.AT_PROBE;
        p.departure = Departure.CLIENTS_LOSE_GROUP;
        return p;
    }

    private static Policy latebind() {
        Policy p = new Policy("latebind", EARLY_GROUP);
        p.summary = "Ours: edges from the whole tree, nobody runs direct because something came late, unload gives clients back";
        p.absent = AbsentRule.FOR_EVER;
        p.absentAcpi = AbsentRule.FOR_EVER;
        p.absentPowerDomain = AbsentRule.FOR_EVER;
        p.lookup = Lookup.AT_PROBE;
        p.timeoutSeconds = -1;
        p.moduleReferences = false;
        p.departure = Departure.CLIENTS_WAIT_AGAIN;
        p.legacy = Legacy.EDGES_FROM_TREE;
        p.forcedWaitAgain = true;
        p.neverWaitsForImpossible = true;
        return p;
    }

    /** All policies, oldest first. */
    public static List<Policy> all() {
        return List.of(INITCALL_ORDER, DEFER_BUILTIN, DEFER_LATE_INIT, TIMEOUT_OPTIONAL, DEFER_INDEFINITE, TIMEOUT, TIMEOUT_MULTI,
            EARLY_GROUP, FW_DEVLINK_STRICT, XEN, LATEBIND);
    }

    /**
     * Finds a policy by its name.
     *
     * @throws IllegalArgumentException naming all policies when there is none of this name
     */
    public static Policy named(String name) {
        Objects.requireNonNull(name, "name");
        StringBuilder known = new StringBuilder();
        for (Policy p : all()) {
            if (p.name.equals(name)) {
                return p;
            }
            known.append(known.length() == 0 ? "" : ", ").append(p.name);
        }
        throw new IllegalArgumentException("unknown policy " + name + "; known: " + known);
    }

    /** Name, as on the command line. */
    public String name() {
        return name;
    }

    /** One line for people. */
    public String summary() {
        return summary;
    }

    /** Default of {@code deferred_probe_timeout} with modules. */
    public int timeoutSeconds() {
        return timeoutSeconds;
    }

    /** Whether these kernels know {@code deferred_probe_timeout}. */
    public boolean timer() {
        return timer;
    }

    /** Default of {@code fw_devlink}. */
    public FwDevlink fwDevlink() {
        return fwDevlink;
    }

    /** How long an entry of {@code iommu-map} is (section 9). */
    public IommuMap.Reading iommuMap() {
        return iommuMap;
    }

    /** Default of {@code fw_devlink.strict}. */
    public boolean strict() {
        return strict;
    }

    /** Whether a module whose IOMMU has clients cannot be unloaded ({@code rmmod} is refused). */
    public boolean moduleReferences() {
        return moduleReferences;
    }

    /** What couples devices that share no supplier; a search that slices a board must keep coupled things together. */
    public record Couplings(boolean timer, boolean oneIommuDriver, boolean legacyMode, boolean groupsAtRegistration,
            boolean listOrder) { }

    /** Returns the couplings of this policy under these parameters. */
    public Couplings couplings(Parameters parameters) {
        boolean timer = parameters.timeoutSeconds(this) > 0 && boot == BootRule.LINUX;
        return new Couplings(timer, secondDriver != SecondDriver.WORKS, legacy != Legacy.EDGES_FROM_TREE,
            lookup == Lookup.AT_REGISTRATION, timer || boot == BootRule.FIXPOINT);
    }

    @Override
    public String toString() {
        return name;
    }
}
