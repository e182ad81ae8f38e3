package org.latebind.explorer.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Unattached;

/**
 * The catalogue file: modules and their drivers as JSON, specified in docs/schedules.md. Keys that are not specified there are
 * errors, so that a misspelt one is never ignored.
 */
public final class CatalogueFile {

    private static final Set<String> ROOT = Set.of("kernel", "configuration", "bootOrder", "modules", "notBuilt", "note");
    private static final Set<String> MODULE = Set.of("name", "builtin", "initcall", "bootRank", "file", "drivers", "note");
    private static final Set<String> DRIVER = Set.of("name", "bus", "compatible", "ids", "iommu", "translates", "registersDriver",
            "async", "forceSync", "createsDevices", "createsFirst", "provides", "suppliersAskedByDriver", "unattached",
            "enabledAfterRemove", "manualUnbind", "clientLinks", "grouping", "allowedClients", "deferBecomesError",
            "legacyBinding", "streamIdMax", "note");
    private static final List<String> LEVELS = List.of("early", "pure", "core", "postcore", "arch", "subsys", "fs", "device", "late");
    private static final Set<String> UNATTACHED = Set.of("bypass", "abort");

    private CatalogueFile() {
    }

    /**
     * Reads a catalogue.
     *
     * @throws CatalogueException when the file is none; one line names file and place
     */
    public static ModuleCatalogue read(Path file) {
        return StrictJson.read(file, (json, root) -> {
            json.object(root, "top level", ROOT);
            List<KernelModule> modules = new ArrayList<>();
            int index = 0;
            for (JsonNode module : json.list(root, "modules", "top level")) {
                modules.add(module(json, module, "modules[" + index++ + "]"));
            }
            try {
                return new ModuleCatalogue(modules);
            } catch (IllegalArgumentException e) {
                throw json.wrong("modules", e.getMessage());
            }
        });
    }

    private static KernelModule module(StrictJson json, JsonNode node, String place) {
        json.object(node, place, MODULE);
        List<DriverDescription> drivers = new ArrayList<>();
        int index = 0;
        for (JsonNode driver : json.list(node, "drivers", place)) {
            String at = place + ".drivers[" + index++ + "]";
            json.object(driver, at, DRIVER);
            // A driver that never registers restarts no timer and binds nothing: it is as good as not there.
            if (json.flag(driver, "registersDriver", at, true)) {
                drivers.add(driver(json, driver, at));
            }
        }
        String level = json.text(node, "initcall", place, null);
        if (level != null && !LEVELS.contains(level)) {
            throw json.wrong(place + ".initcall", "is none of " + String.join(", ", LEVELS));
        }
        return new KernelModule(json.needed(node, "name", place), json.flag(node, "builtin", place, false), level,
                json.number(node, "bootRank", place, 0), drivers);
    }

    private static DriverDescription driver(StrictJson json, JsonNode node, String place) {
        DriverDescription driver = DriverDescription.named(json.needed(node, "name", place))
                .withBus(json.text(node, "bus", place, "platform"))
                .withCompatible(json.texts(node, "compatible", place))
                .withIds(json.texts(node, "ids", place))
                .withAsync(json.flag(node, "async", place, false))
                .withForceSync(json.flag(node, "forceSync", place, false))
                .withCreatesFirst(json.flag(node, "createsFirst", place, false))
                .withSuppliersAsked(json.texts(node, "suppliersAskedByDriver", place))
                .withManualBind(json.flag(node, "manualUnbind", place, true))
                .withDeferBecomesError(json.flag(node, "deferBecomesError", place, false))
                .withLegacyBinding(json.flag(node, "legacyBinding", place, false))
                .withClientLinks(json.flag(node, "clientLinks", place, false));
        List<String> provides = List.of(json.texts(node, "provides", place));
        driver = driver.withPinController(provides.isEmpty() || provides.contains("pinctrl"));
        String creates = json.text(node, "createsDevices", place, null);
        if (creates != null) {
            driver = driver.withCreatesDevices(creates);
        }
        return json.flag(node, "iommu", place, false) ? iommu(json, node, place, driver) : driver;
    }

    private static DriverDescription iommu(StrictJson json, JsonNode node, String place, DriverDescription plain) {
        String unattached = json.text(node, "unattached", place, "bypass");
        if (!UNATTACHED.contains(unattached)) {
            throw json.wrong(place + ".unattached", "is neither bypass nor abort");
        }
        DriverDescription driver = json.flag(node, "translates", place, true)
                ? plain.withIommu("abort".equals(unattached) ? Unattached.ABORT : Unattached.BYPASS)
                : plain.withoutTranslation();
        driver = driver.withEnabledAfterRemove(json.flag(node, "enabledAfterRemove", place, true))
                .withStreamIdMax(json.number(node, "streamIdMax", place, Integer.MAX_VALUE));
        String grouping = json.text(node, "grouping", place, plain.compatible().contains("arm,smmu-v3") ? "exclusive" : "device");
        try {
            driver = driver.withGrouping(DriverDescription.Grouping.valueOf(grouping.toUpperCase(java.util.Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw json.wrong(place + ".grouping", "is none of device, instance, stream, exclusive");
        }
        return node.hasNonNull("allowedClients")
                ? driver.withAllowedClients(Set.of(json.texts(node, "allowedClients", place))) : driver;
    }
}
