package org.latebind.console.module;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told what became of the jars of the watched folder ({@code run --watch}). A whiteboard: publish it as a service. Called on
 * threads of the framework, which it must not block.
 */
@ConsumerType
@FunctionalInterface
public interface FolderListener {

    /**
     * Something happened.
     *
     * @param line one line for people, beginning with {@code watch:}; not null
     */
    void told(String line);
}
