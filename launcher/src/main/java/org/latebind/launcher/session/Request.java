package org.latebind.launcher.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.osgi.framework.BundleContext;

/**
 * What the command line asks the session for. It crosses the framework's border as framework properties, which are texts.
 *
 * @param board      file of the board
 * @param name       name of the board
 * @param policy     policy id
 * @param parameters parameters by kernel name
 * @param load       modules to load, in order
 * @param script     file of the schedule to play, or null
 * @param population file of the devices the tree does not name, or null
 * @param machine    hardware backend: sim or qemu
 * @param lateInit   whether late-init comes by itself after the modules
 * @param realTime   whether virtual time follows the clock
 * @param quiet      whether nothing is printed
 * @param trace      whether the answer holds the log
 * @param clients    how many client modules share the masters; 0 for the generic one
 * @param autoload   folder or index of driver bundles to start when a device asks for one, empty for those installed, or null
 * @param hardware   options of the simulated hardware by name
 */
public record Request(String board, String name, String policy, Map<String, String> parameters, List<String> load,
        String script, String population, String machine, boolean lateInit, boolean realTime, boolean quiet, boolean trace,
        int clients, String autoload, Map<String, String> hardware) {

    /** Prefix of all properties. */
    public static final String PREFIX = "latebind.request.";

    static Request from(BundleContext context) {
        Map<String, String> parameters = named(context, "parameter");
        return new Request(context.getProperty(PREFIX + "board"), context.getProperty(PREFIX + "name"),
                context.getProperty(PREFIX + "policy"), parameters, split(context.getProperty(PREFIX + "load")),
                context.getProperty(PREFIX + "script"), context.getProperty(PREFIX + "population"),
                Objects.requireNonNullElse(context.getProperty(PREFIX + "machine"), "sim"),
                flag(context, "late-init"), flag(context, "real-time"), flag(context, "quiet"), flag(context, "trace"),
                Integer.parseInt(Objects.requireNonNullElse(context.getProperty(PREFIX + "clients"), "0")),
                context.getProperty(PREFIX + "autoload"), named(context, "hardware"));
    }

    private static Map<String, String> named(BundleContext context, String kind) {
        Map<String, String> values = new TreeMap<>();
        for (String name : split(context.getProperty(PREFIX + kind + "s"))) {
            values.put(name, context.getProperty(PREFIX + kind + "." + name));
        }
        return values;
    }

    /** The request as properties, without the prefix. */
    public Map<String, String> toProperties() {
        Map<String, String> properties = new TreeMap<>();
        properties.put("board", board);
        properties.put("name", name);
        properties.put("policy", policy);
        properties.put("parameters", String.join(",", parameters.keySet()));
        parameters.forEach((key, value) -> properties.put("parameter." + key, value));
        properties.put("hardwares", String.join(",", hardware.keySet()));
        hardware.forEach((key, value) -> properties.put("hardware." + key, value));
        properties.put("load", String.join(",", load));
        if (script != null) {
            properties.put("script", script);
        }
        if (population != null) {
            properties.put("population", population);
        }
        properties.put("machine", machine);
        if (autoload != null) {
            properties.put("autoload", autoload);
        }
        properties.put("clients", Integer.toString(clients));
        properties.put("late-init", Boolean.toString(lateInit));
        properties.put("real-time", Boolean.toString(realTime));
        properties.put("quiet", Boolean.toString(quiet));
        properties.put("trace", Boolean.toString(trace));
        return properties;
    }

    private static boolean flag(BundleContext context, String name) {
        return Boolean.parseBoolean(context.getProperty(PREFIX + name));
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        if (text != null) {
            for (String part : text.split(",")) {
                if (!part.isBlank()) {
                    parts.add(part.strip());
                }
            }
        }
        return parts;
    }
}
