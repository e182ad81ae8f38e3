package org.latebind.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The modules of a system and the drivers they register; both are numbered densely in the order given. Immutable. Extending a
 * catalogue keeps all numbers.
 */
public final class ModuleCatalogue {

    private final List<KernelModule> modules;
    private final List<DriverDescription> drivers;
    private final int[] moduleOfDriver;
    private final Map<String, Integer> moduleByName = new HashMap<>();
    private final Map<String, Integer> moduleByPlainName = new HashMap<>();
    private final Map<String, Integer> driverByName = new HashMap<>();

    /**
     * Numbers the modules and drivers.
     *
     * @throws IllegalArgumentException when two modules or two drivers have the same name
     */
    public ModuleCatalogue(List<KernelModule> modules) {
        this.modules = List.copyOf(modules);
        List<DriverDescription> all = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        for (int m = 0; m < this.modules.size(); m++) {
            KernelModule module = this.modules.get(m);
            if (moduleByName.put(module.name(), m) != null) {
                throw new IllegalArgumentException("two modules are named " + module.name());
            }
            moduleByPlainName.putIfAbsent(plain(module.name()), m);
            for (DriverDescription driver : module.drivers()) {
                if (driverByName.put(driver.name(), all.size()) != null) {
                    throw new IllegalArgumentException("two drivers are named " + driver.name());
                }
                all.add(driver);
                owners.add(m);
            }
        }
        this.drivers = List.copyOf(all);
        this.moduleOfDriver = owners.stream().mapToInt(Integer::intValue).toArray();
    }

    /** A catalogue of these modules. */
    public static ModuleCatalogue of(KernelModule... modules) {
        return new ModuleCatalogue(List.of(modules));
    }

    /** Returns this catalogue with more modules behind the present ones; present numbers stay valid. */
    public ModuleCatalogue with(List<KernelModule> more) {
        List<KernelModule> all = new ArrayList<>(modules);
        all.addAll(more);
        return new ModuleCatalogue(all);
    }

    /** Returns this catalogue with exactly these modules built in (kernel parameter of schedules: {@code builtin}). */
    public ModuleCatalogue withBuiltins(Set<String> names) {
        List<KernelModule> all = new ArrayList<>();
        for (KernelModule module : modules) {
            all.add(module.asBuiltin(names.contains(module.name())));
        }
        return new ModuleCatalogue(all);
    }

    /**
     * Returns this catalogue where each driver asks for what its bus looks up before the driver's probe, too: interrupts on AMBA,
     * a missing controller of which defers without a reason text and for ever (seen in recorded boots of 6.1 and 6.12; older
     * kernels looked them up when the device was created).
     */
    ModuleCatalogue askingAsBusesDo(SupplierProperties.Era era) {
        if (era == SupplierProperties.Era.V5_10 || drivers.stream().noneMatch(driver -> driver.bus().equals("amba"))) {
            return this;
        }
        return new ModuleCatalogue(modules.stream().map(module -> new KernelModule(module.name(), module.builtin(), module.level(),
            module.rank(), module.drivers().stream().map(ModuleCatalogue::askingAsItsBusDoes).toList())).toList());
    }

    private static DriverDescription askingAsItsBusDoes(DriverDescription driver) {
        if (!driver.bus().equals("amba")) {
            return driver;
        }
        Set<String> asked = new java.util.LinkedHashSet<>(driver.suppliersAsked());
        asked.addAll(List.of("interrupts", "interrupts-extended"));
        return driver.withSuppliersAsked(asked.toArray(String[]::new));
    }

    /** Returns the modules. */
    public List<KernelModule> modules() {
        return modules;
    }

    /** Returns the drivers. */
    public List<DriverDescription> drivers() {
        return drivers;
    }

    /** Returns module {@code index}. */
    public KernelModule module(int index) {
        return modules.get(index);
    }

    /** Returns driver {@code index}. */
    public DriverDescription driver(int index) {
        return drivers.get(index);
    }

    /** Returns the module of a driver. */
    public int moduleOf(int driver) {
        return moduleOfDriver[driver];
    }

    /** Returns the number of the module of this name ({@code -} and {@code _} are the same, as for modprobe), or -1. */
    public int moduleIndex(String name) {
        Integer index = moduleByName.get(name);
        if (index == null) {
            index = moduleByPlainName.get(plain(name));
        }
        return index == null ? -1 : index;
    }

    private static String plain(String name) {
        return name.replace('-', '_');
    }

    /** Returns the number of the driver of this name, or -1. */
    public int driverIndex(String name) {
        return driverByName.getOrDefault(name, -1);
    }
}
