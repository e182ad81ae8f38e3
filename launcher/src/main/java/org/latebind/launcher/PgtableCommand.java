package org.latebind.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.latebind.pagetable.SavedTables;
import org.latebind.pagetable.TableDumpPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Page tables as files; starts nothing. */
@Command(name = "pgtable", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
        description = "Page tables that were saved to a file; starts nothing.", subcommands = PgtableCommand.Dump.class)
final class PgtableCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        throw new BadInput("pgtable: expected the command dump");
    }

    /** Prints a saved table. */
    @Command(name = "dump", mixinStandardHelpOptions = true,
            description = "Prints a saved page table: level, index, range, attributes in words.")
    static final class Dump implements Callable<Integer> {

        private static final long MAX_BYTES = 1L << 28;

        @Parameters(paramLabel = "FILE", description = "A saved page table.")
        private String file;

        @Override
        public Integer call() {
            SavedTables tables = read();
            System.out.printf("%s, page sizes 0x%x, ias %d, oas %d, root 0x%x%n", tables.format(), tables.config().pageSizes(),
                    tables.config().ias(), tables.config().oas(), tables.root());
            System.out.print(TableDumpPrinter.print(tables.dump()));
            return ExitCode.OK;
        }

        private SavedTables read() {
            try {
                Path path = Path.of(file);
                if (Files.isRegularFile(path) && Files.size(path) > MAX_BYTES) {
                    throw new BadInput(file + ": offset " + MAX_BYTES + ": larger than any page table");
                }
                return SavedTables.read(file, Files.readAllBytes(path));
            } catch (IOException e) {
                throw new BadInput(file + ": cannot be read: " + BoardFile.reason(e));
            } catch (InvalidPathException e) {
                throw new BadInput(file + ": cannot be read: " + e.getReason());
            } catch (SavedTables.BadFileException e) {
                throw new BadInput(e.getMessage());
            }
        }
    }
}
