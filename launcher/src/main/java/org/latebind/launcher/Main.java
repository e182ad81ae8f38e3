package org.latebind.launcher;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry point of the command line. */
@Command(
        name = "latebind",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "An OSGi runtime for IOMMU drivers that come and go while devices run, "
                + "and an explorer of module-load orders.",
        footerHeading = "%nBOARD is a .dtb, a .dts, an IORT table, or the name of a board (see 'latebind boards').%n"
                + "Any running Arm Linux machine offers its own board as /sys/firmware/fdt.%n",
        footer = "%nExit codes: 0 done or proven, 1 finding, 2 bad input, 3 limit reached, 4 internal error.")
public final class Main implements Runnable {

    @Spec
    private CommandSpec spec;

    private Main() {
    }

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        int code = run(arguments);
        if (System.out.checkError() && lost()) {
            code = ExitCode.BAD_INPUT;
        }
        System.err.flush();
        // Framework threads may still wind down; the command's result is complete.
        Runtime.getRuntime().halt(code);
    }

    /** Says that output was lost, unless it is only that its reader has read enough ({@code | head -1}). */
    private static boolean lost() {
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            out.write('\n');
            return false;
        } catch (IOException e) {
            if ("Broken pipe".equals(e.getMessage())) {
                return false;
            }
            System.err.println("latebind: standard output: cannot be written: " + e.getMessage());
            return true;
        }
    }

    static int run(String... arguments) {
        CommandLine line = new CommandLine(new Main());
        Commands.addTo(line);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler(Main::explainBadArguments);
        line.setExecutionExceptionHandler((problem, where, parsed) -> explain(problem, where));
        return line.execute(arguments);
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    private static int explainBadArguments(ParameterException problem, String[] arguments) {
        PrintWriter err = problem.getCommandLine().getErr();
        err.println("latebind: " + firstLine(problem.getMessage()).replace("for option option", "for option") + " (try '"
                + problem.getCommandLine().getCommandSpec().qualifiedName() + " --help')");
        return ExitCode.BAD_INPUT;
    }

    private static int explain(Exception problem, CommandLine where) {
        if (problem instanceof BadInput) {
            where.getErr().println("latebind: " + firstLine(problem.getMessage()));
            return ExitCode.BAD_INPUT;
        }
        where.getErr().println("latebind: internal error: " + problem);
        if (System.getenv("LATEBIND_DEBUG") != null) {
            problem.printStackTrace(where.getErr());
        }
        return ExitCode.INTERNAL;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
