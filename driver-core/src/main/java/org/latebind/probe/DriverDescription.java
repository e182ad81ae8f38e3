package org.latebind.probe;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What is known of a driver without running it. Immutable; made with {@link #named} and the {@code with...} methods.
 */
public final class DriverDescription {

    /** How an IOMMU driver groups its clients. */
    public enum Grouping {
        /** PCI rules, else one group for each device. */ DEVICE,
        /** All clients of an instance share one group (IPMMU). */ INSTANCE,
        /** Clients that share a stream id share the group (SMMUv1/v2). */ STREAM,
        /** As {@link #DEVICE}, but a stream belongs to who came first; others that name it are refused (SMMUv3). */ EXCLUSIVE
    }

    private final String name;
    private String bus = "platform";
    private List<String> compatible = List.of();
    private List<String> ids = List.of();
    private boolean iommu;
    private boolean translates = true;
    private Unattached unattached = Unattached.BYPASS;
    private boolean enabledAfterRemove = true;
    private boolean async;
    private boolean forceSync;
    private String createsDevices;
    private boolean createsFirst;
    private List<String> suppliersAsked = List.of();
    private boolean manualBind = true;
    private boolean pinController = true;
    private boolean clientLinks;
    private Grouping grouping = Grouping.DEVICE;
    private Set<String> allowedClients;
    private boolean deferBecomesError;
    private boolean legacyBinding;
    private int streamIdMax = Integer.MAX_VALUE;

    private DriverDescription(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    private DriverDescription(DriverDescription o) {
        this.name = o.name;
        this.bus = o.bus;
        this.compatible = o.compatible;
        this.ids = o.ids;
        this.iommu = o.iommu;
        this.translates = o.translates;
        this.unattached = o.unattached;
        this.enabledAfterRemove = o.enabledAfterRemove;
        this.async = o.async;
        this.forceSync = o.forceSync;
        this.createsDevices = o.createsDevices;
        this.createsFirst = o.createsFirst;
        this.suppliersAsked = o.suppliersAsked;
        this.manualBind = o.manualBind;
        this.pinController = o.pinController;
        this.clientLinks = o.clientLinks;
        this.grouping = o.grouping;
        this.allowedClients = o.allowedClients;
        this.deferBecomesError = o.deferBecomesError;
        this.legacyBinding = o.legacyBinding;
        this.streamIdMax = o.streamIdMax;
    }

    /** A driver of the platform bus that matches nothing yet. */
    public static DriverDescription named(String name) {
        return new DriverDescription(name);
    }

    /** Name, unique in a catalogue. */
    public String name() {
        return name;
    }

    /** Bus: {@code platform}, {@code amba}, {@code pci}, {@code virtio} ... */
    public String bus() {
        return bus;
    }

    /** Compatible strings of its match table. */
    public List<String> compatible() {
        return compatible;
    }

    /** Modalias patterns with {@code *} ({@code pci:v00001AF4d*}). */
    public List<String> ids() {
        return ids;
    }

    /** Whether a bound device is an IOMMU. */
    public boolean iommu() {
        return iommu;
    }

    /** Whether its IOMMU takes clients; the grant-DMA stub has no {@code of_xlate} and takes none. */
    public boolean translates() {
        return translates;
    }

    /** What its live IOMMU does with unattached streams. */
    public Unattached unattached() {
        return unattached;
    }

    /** Whether the hardware goes on filtering after the driver's remove (SMMUv3: yes; SMMUv2: it returns to bypass). */
    public boolean enabledAfterRemove() {
        return enabledAfterRemove;
    }

    /** Whether it asks for asynchronous probing. */
    public boolean async() {
        return async;
    }

    /** Whether it forbids asynchronous probing. */
    public boolean forceSync() {
        return forceSync;
    }

    /** Bus of the devices its probe creates, {@code *} for all that wait for this device, or null. */
    public String createsDevices() {
        return createsDevices;
    }

    /**
     * Whether its probe creates its devices before it asks for suppliers. When it then defers, they go again, and if one of
     * them bound, its own bind starts the probe anew. Says nothing of a driver that creates no devices. Such a driver is
     * probed synchronously.
     */
    public boolean createsFirst() {
        return createsFirst;
    }

    /** Whether it creates devices, and does so before it asks for suppliers. */
    boolean createsBeforeAsking() {
        return createsFirst && createsDevices != null;
    }

    /** Properties whose targets its own probe waits for, whatever the core does ({@code gpios}, {@code renesas,ipmmu-main}). */
    public List<String> suppliersAsked() {
        return suppliersAsked;
    }

    /** Whether devices may be bound and unbound by hand. */
    public boolean manualBind() {
        return manualBind;
    }

    /** Whether pins below a device it drives are served by it; true unless it is known to provide something else. */
    public boolean pinController() {
        return pinController;
    }

    /** Whether an IOMMU driver links each attached client to itself, so that its going takes them down (SMMUv1/v2). */
    public boolean clientLinks() {
        return clientLinks;
    }

    /** How its IOMMU groups clients. */
    public Grouping grouping() {
        return grouping;
    }

    /**
     * Names of the devices its IOMMU lets through; null for all. {@code pci} stands for every PCI function. Others are
     * refused and run direct, by policy.
     */
    public Set<String> allowedClients() {
        return allowedClients;
    }

    /** Whether a deferral of its probe becomes the permanent error ENXIO ({@code platform_driver_probe}). */
    public boolean deferBecomesError() {
        return deferBecomesError;
    }

    /** Whether it understands {@code mmu-masters}. */
    public boolean legacyBinding() {
        return legacyBinding;
    }

    /** Highest stream id its IOMMU takes; a client with a higher one is an error (EINVAL). */
    public int streamIdMax() {
        return streamIdMax;
    }

    /** On this bus. */
    public DriverDescription withBus(String value) {
        DriverDescription d = new DriverDescription(this);
        d.bus = Objects.requireNonNull(value, "bus");
        return d;
    }

    /** With this match table. */
    public DriverDescription withCompatible(String... values) {
        DriverDescription d = new DriverDescription(this);
        d.compatible = List.of(values);
        return d;
    }

    /** With these modalias patterns. */
    public DriverDescription withIds(String... values) {
        DriverDescription d = new DriverDescription(this);
        d.ids = List.of(values);
        return d;
    }

    /** As an IOMMU driver. */
    public DriverDescription withIommu(Unattached value) {
        DriverDescription d = new DriverDescription(this);
        d.iommu = true;
        d.unattached = Objects.requireNonNull(value, "unattached");
        return d;
    }

    /** As an IOMMU driver that takes no client. */
    public DriverDescription withoutTranslation() {
        DriverDescription d = new DriverDescription(this);
        d.iommu = true;
        d.translates = false;
        return d;
    }

    /** Whether the hardware filters on after remove. */
    public DriverDescription withEnabledAfterRemove(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.enabledAfterRemove = value;
        return d;
    }

    /** Asynchronous or not. */
    public DriverDescription withAsync(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.async = value;
        return d;
    }

    /** Never asynchronous. */
    public DriverDescription withForceSync(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.forceSync = value;
        return d;
    }

    /** Creating devices of this bus. */
    public DriverDescription withCreatesDevices(String value) {
        DriverDescription d = new DriverDescription(this);
        d.createsDevices = value;
        return d;
    }

    /** Creating its devices before it asks for suppliers, or after. */
    public DriverDescription withCreatesFirst(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.createsFirst = value;
        return d;
    }

    /** Asking for the targets of these properties by itself. */
    public DriverDescription withSuppliersAsked(String... values) {
        DriverDescription d = new DriverDescription(this);
        d.suppliersAsked = List.of(values);
        return d;
    }

    /** With or without bind and unbind by hand. */
    public DriverDescription withManualBind(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.manualBind = value;
        return d;
    }

    /** With or without links from clients. */
    public DriverDescription withClientLinks(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.clientLinks = value;
        return d;
    }

    /** Whether it serves pins. */
    public DriverDescription withPinController(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.pinController = value;
        return d;
    }

    /** With this grouping. */
    public DriverDescription withGrouping(Grouping value) {
        DriverDescription d = new DriverDescription(this);
        d.grouping = Objects.requireNonNull(value, "grouping");
        return d;
    }

    /** Letting only these clients through; null for all. */
    public DriverDescription withAllowedClients(Set<String> values) {
        DriverDescription d = new DriverDescription(this);
        d.allowedClients = values == null ? null : Set.copyOf(values);
        return d;
    }

    /** With deferrals turned into ENXIO. */
    public DriverDescription withDeferBecomesError(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.deferBecomesError = value;
        return d;
    }

    /** Taking stream ids up to this one. */
    public DriverDescription withStreamIdMax(int value) {
        DriverDescription d = new DriverDescription(this);
        d.streamIdMax = value;
        return d;
    }

    /** Understanding {@code mmu-masters} or not. */
    public DriverDescription withLegacyBinding(boolean value) {
        DriverDescription d = new DriverDescription(this);
        d.legacyBinding = value;
        return d;
    }

    @Override
    public String toString() {
        return name;
    }
}
