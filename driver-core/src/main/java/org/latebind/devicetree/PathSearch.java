package org.latebind.devicetree;

import java.util.Collection;
import java.util.List;

/** Finds a device by what a person types of its path. Pure. */
public final class PathSearch {

    private PathSearch() {
    }

    /**
     * Paths that a name stands for: the path itself, else all whose last part is the name ({@code mmc@ee140000}), else all whose
     * unit address it is ({@code ee140000} or {@code @ee140000}), else all whose last part without unit address it is ({@code mmc}).
     *
     * @param paths paths to choose from; not null
     * @param name  what a person typed; not null
     * @return the matches in the order of {@code paths}; empty for none, several for an ambiguous name
     */
    public static List<String> find(Collection<String> paths, String name) {
        if (name.isBlank()) {
            return List.of();
        }
        if (paths.contains(name)) {
            return List.of(name);
        }
        List<String> found = paths.stream().filter(path -> path.endsWith("/" + name)).toList();
        if (found.isEmpty()) {
            String address = name.startsWith("@") ? name : "@" + name;
            found = paths.stream().filter(path -> path.endsWith(address)).toList();
        }
        return found.isEmpty() ? paths.stream().filter(path -> last(path).equals(name)).toList() : found;
    }

    private static String last(String path) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        int at = last.indexOf('@');
        return at < 0 ? last : last.substring(0, at);
    }
}
