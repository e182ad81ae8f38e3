package org.latebind.explorer.catalogue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.Node;
import org.latebind.devicetree.Reference;
import org.latebind.devicetree.ReferenceList;
import org.latebind.probe.AliasPattern;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;

/**
 * A kernel's module directory ({@code /lib/modules/VERSION}) seen from one board: the modules that match one of its nodes, the
 * built-in drivers a list names, and the orders of {@code modules.dep} and {@code modules.softdep} between them.
 *
 * <p>Built-in drivers have no device-tree alias in this metadata. Which compatible strings they match comes from a list
 * (columns compatible, kind, modules; the kinds {@code builtin-string} and {@code module+builtin-string} count as built in);
 * {@code builtin-compatibles.txt} in the directory is taken by itself. Instead of a list the uncompressed kernel image will do.
 */
public final class KernelModuleDirectory {

    /** The list of built-in compatible strings that is looked for in the directory. */
    public static final String BUILTIN_LIST = "builtin-compatibles.txt";
    private static final String ALIAS = "alias of:";

    private final Path folder;
    private final Map<String, Set<String>> modulesByCompatible = new LinkedHashMap<>();
    private final List<String[]> patterns = new ArrayList<>();
    private final Map<String, Set<String>> dependencies = new TreeMap<>();
    private final Map<String, Set<String>> softBefore = new TreeMap<>();
    private final Set<String> builtinCompatibles = new TreeSet<>();
    private KernelImage image;

    private KernelModuleDirectory(Path folder) {
        this.folder = folder;
    }

    /**
     * Reads a directory.
     *
     * @param folder      the directory
     * @param builtinList list of built-in compatible strings, or an uncompressed arm64 kernel image, or null for the list in the
     *                    directory, if any
     * @throws CatalogueException when a file is missing or malformed; one line names file and place
     */
    public static KernelModuleDirectory read(Path folder, Path builtinList) {
        if (!Files.isDirectory(folder)) {
            throw new CatalogueException(folder + ": no module directory");
        }
        KernelModuleDirectory directory = new KernelModuleDirectory(folder);
        directory.readAliases();
        directory.readDependencies();
        directory.readSoftDependencies();
        Path list = builtinList != null ? builtinList : folder.resolve(BUILTIN_LIST);
        if (builtinList != null) {
            directory.image = KernelImage.open(builtinList);
        }
        if (directory.image == null && (builtinList != null || Files.exists(list))) {
            directory.readBuiltins(list);
        }
        return directory;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new CatalogueException(file + ": cannot be read" + (Files.exists(file) ? "" : ": no such file"));
        }
    }

    private void readAliases() {
        Path file = folder.resolve("modules.alias");
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (!line.startsWith(ALIAS)) {
                continue;
            }
            int space = line.lastIndexOf(' ');
            if (space <= ALIAS.length()) {
                throw new CatalogueException(file + ":" + number + ": an alias without a module");
            }
            String pattern = line.substring("alias ".length(), space);
            String module = moduleName(line.substring(space + 1));
            String simple = simpleCompatible(pattern);
            if (simple != null) {
                modulesByCompatible.computeIfAbsent(simple, c -> new LinkedHashSet<>()).add(module);
            } else {
                patterns.add(new String[] {pattern, module});
            }
        }
    }

    /** The compatible string of {@code of:N*T*Cstring} or {@code of:N*T*CstringC*} without further wildcards; else null. */
    private static String simpleCompatible(String pattern) {
        if (!pattern.startsWith("of:N*T*C")) {
            return null;
        }
        String rest = pattern.substring("of:N*T*C".length());
        if (rest.endsWith("C*")) {
            rest = rest.substring(0, rest.length() - 2);
        }
        return rest.indexOf('*') < 0 && rest.indexOf('?') < 0 && rest.indexOf('[') < 0 ? rest : null;
    }

    private void readDependencies() {
        Path file = folder.resolve("modules.dep");
        int number = 0;
        for (String line : lines(file)) {
            number++;
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw new CatalogueException(file + ":" + number + ": no colon");
            }
            Set<String> needed = new LinkedHashSet<>();
            for (String path : line.substring(colon + 1).trim().split(" ")) {
                if (!path.isEmpty()) {
                    needed.add(moduleName(path));
                }
            }
            dependencies.put(moduleName(line.substring(0, colon)), needed);
        }
    }

    private void readSoftDependencies() {
        Path file = folder.resolve("modules.softdep");
        int number = 0;
        for (String line : Files.exists(file) ? lines(file) : List.<String>of()) {
            number++;
            String[] words = line.trim().split("\\s+");
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (words.length < 3 || !words[0].equals("softdep")) {
                throw new CatalogueException(file + ":" + number + ": not \"softdep MODULE pre: ... post: ...\"");
            }
            String module = moduleName(words[1]);
            String where = "";
            for (int i = 2; i < words.length; i++) {
                if (words[i].endsWith(":")) {
                    where = words[i];
                } else if (where.equals("pre:")) {
                    softBefore.computeIfAbsent(module, m -> new LinkedHashSet<>()).add(moduleName(words[i]));
                } else if (where.equals("post:")) {
                    softBefore.computeIfAbsent(moduleName(words[i]), m -> new LinkedHashSet<>()).add(module);
                }
            }
        }
    }

    private void readBuiltins(Path file) {
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] columns = line.split("\t");
            if (columns.length == 1) {
                builtinCompatibles.add(columns[0].strip());
            } else if (columns[1].contains("builtin")) {
                builtinCompatibles.add(columns[0]);
            } else if (!columns[1].equals("module") && !columns[1].equals("none")) {
                throw new CatalogueException(file + ":" + number + ": unknown kind \"" + columns[1] + "\"");
            }
        }
    }

    /** Name of a module from its path or name: no folder, no ending, {@code _} for {@code -}. */
    static String moduleName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        int ko = name.indexOf(".ko");
        return (ko < 0 ? name : name.substring(0, ko)).replace('-', '_');
    }

    /** The modules and built-in drivers that matter for a board. */
    public ModuleSet forBoard(DeviceTree tree) {
        Map<String, Set<String>> compatiblesOfModule = new TreeMap<>();
        Map<String, Boolean> boardStrings = new LinkedHashMap<>();
        Set<Node> iommus = iommus(tree);
        for (Node node : tree.nodes()) {
            for (String compatible : node.compatible()) {
                boardStrings.merge(compatible, iommus.contains(node), Boolean::logicalOr);
            }
            collect(node, compatiblesOfModule);
        }
        List<KernelModule> modules = builtins(boardStrings);
        compatiblesOfModule.forEach((module, compatibles) -> modules.add(module(module, compatibles, boardStrings)));
        ModuleCatalogue catalogue = new ModuleCatalogue(modules);
        return new ModuleSet(catalogue, edges(compatiblesOfModule.keySet()));
    }

    /**
     * The built-in drivers, in the order of the tree, because their link order is not in the metadata. Compatible strings of one
     * IOMMU driver belong together: two instances of it are no two drivers. IOMMU drivers come first, as they do in kernels: they
     * register at subsys level, or are linked before the drivers of most masters.
     */
    private List<KernelModule> builtins(Map<String, Boolean> boardStrings) {
        Map<String, DriverDescription> iommuDrivers = new LinkedHashMap<>();
        List<DriverDescription> others = new ArrayList<>();
        boardStrings.forEach((compatible, iommu) -> {
            if (!builtinCompatibles.contains(compatible) && (image == null || !image.holds(compatible))) {
                return;
            }
            if (!iommu) {
                others.add(DriverDescription.named("builtin:" + compatible).withCompatible(compatible));
                return;
            }
            String name = "builtin:" + IommuFamilies.driver(compatible);
            List<String> all = new ArrayList<>(iommuDrivers.containsKey(name) ? iommuDrivers.get(name).compatible() : List.of());
            all.add(compatible);
            iommuDrivers.put(name, IommuFamilies.complete(DriverDescription.named(name)
                .withCompatible(all.toArray(new String[0])), compatible));
        });
        List<KernelModule> modules = new ArrayList<>();
        iommuDrivers.forEach((name, driver) -> modules.add(new KernelModule(name, true, "subsys", modules.size() + 1,
            List.of(driver))));
        others.forEach(driver -> modules.add(KernelModule.builtin(driver.name(), modules.size() + 1, driver)));
        return modules;
    }

    private static KernelModule module(String name, Set<String> compatibles, Map<String, Boolean> boardStrings) {
        DriverDescription driver = DriverDescription.named(name).withCompatible(compatibles.toArray(new String[0]));
        for (String compatible : compatibles) {
            if (Boolean.TRUE.equals(boardStrings.get(compatible))) {
                return KernelModule.loadable(name, IommuFamilies.complete(driver, compatible));
            }
        }
        return KernelModule.loadable(name, driver);
    }

    private void collect(Node node, Map<String, Set<String>> compatiblesOfModule) {
        for (String compatible : node.compatible()) {
            for (String module : modulesByCompatible.getOrDefault(compatible, Set.of())) {
                compatiblesOfModule.computeIfAbsent(module, m -> new TreeSet<>()).add(compatible);
            }
        }
        if (patterns.isEmpty() || node.compatible().isEmpty()) {
            return;
        }
        String type = node.string("device_type");
        String modalias = "of:N" + node.baseName() + "T" + (type == null ? "(null)" : type) + "C"
                + String.join("C", node.compatible());
        for (String[] pattern : patterns) {
            if (AliasPattern.matches(pattern[0], modalias)) {
                compatiblesOfModule.computeIfAbsent(pattern[1], m -> new TreeSet<>()).add(node.compatible().get(0));
            }
        }
    }

    private static Set<Node> iommus(DeviceTree tree) {
        Set<Node> iommus = new LinkedHashSet<>();
        for (Node node : tree.nodes()) {
            if (node.has("#iommu-cells") || node.has("mmu-masters")) {
                iommus.add(node);
            }
            for (Reference reference : ReferenceList.iommus(tree, node).entries()) {
                iommus.add(reference.target());
            }
        }
        return iommus;
    }

    private List<ModuleSet.Edge> edges(Set<String> relevant) {
        List<ModuleSet.Edge> edges = new ArrayList<>();
        for (String module : relevant) {
            for (String needed : dependencies.getOrDefault(module, Set.of())) {
                if (relevant.contains(needed)) {
                    edges.add(new ModuleSet.Edge(needed, module, "modules.dep"));
                }
            }
            for (String before : softBefore.getOrDefault(module, Set.of())) {
                if (relevant.contains(before)) {
                    edges.add(new ModuleSet.Edge(before, module, "modules.softdep"));
                }
            }
        }
        return edges;
    }
}
