package org.latebind.console.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.latebind.pagetable.SavedTables;
import org.latebind.pagetable.TableDumpPrinter;
import org.latebind.runtime.DriverCore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The command on page tables of running domains. */
@Component(service = TableCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=pgtable"})
public final class TableCommands {

    private static final String USAGE = "pgtable DEVICE | GROUP [save FILE]";

    private final DriverCore core;

    /** Takes the core the tables belong to. */
    @Activate
    public TableCommands(@Reference DriverCore core) {
        this.core = core;
    }

    /** A domain's table on the terminal or in a file. */
    @Descriptor("the page table of a device's domain, as text or saved to a file: " + USAGE)
    public String pgtable(CommandSession session, @Descriptor("device path or number of a group") String where,
            String... words) {
        boolean save = words.length == 2 && "save".equals(words[0]);
        if (words.length != 0 && !save) {
            return "usage: " + USAGE;
        }
        Optional<SavedTables> tables = core.pageTable(where);
        if (tables.isEmpty()) {
            return "no page table: " + where + " is no device behind an IOMMU that translates, and no such group";
        }
        return save ? save(session, tables.get(), words[1]) : text(tables.get());
    }

    private static String text(SavedTables tables) {
        return String.format("%s, page sizes 0x%x, ias %d, oas %d, root 0x%x%n%s", tables.format(), tables.config().pageSizes(),
                tables.config().ias(), tables.config().oas(), tables.root(), TableDumpPrinter.print(tables.dump()));
    }

    private static String save(CommandSession session, SavedTables tables, String file) {
        try {
            Path path = session.currentDir() == null ? Path.of(file) : session.currentDir().resolve(file);
            Files.writeString(path, tables.write());
            return tables.words().size() + " descriptors saved to " + path + "; print them with: latebind pgtable dump " + file;
        } catch (IOException | InvalidPathException e) {
            return file + ": cannot be written: " + e.getMessage();
        }
    }
}
