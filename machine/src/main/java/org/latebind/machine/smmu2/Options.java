package org.latebind.machine.smmu2;

import org.latebind.machine.ModelFactory;

/** Reads options of the machine; those set for one instance ({@code name@path}) win over those for all. */
final class Options {

    private Options() {
    }

    static long number(ModelFactory.Surroundings env, String name, long fallback) {
        String text = text(env, name, "");
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("option " + name + ": not a number: " + text, e);
        }
    }

    static boolean flag(ModelFactory.Surroundings env, String name, boolean fallback) {
        String text = text(env, name, "");
        return text.isEmpty() ? fallback : Boolean.parseBoolean(text);
    }

    static String text(ModelFactory.Surroundings env, String name, String fallback) {
        return env.option(name + "@" + env.node().path(), env.option(name, fallback));
    }
}
