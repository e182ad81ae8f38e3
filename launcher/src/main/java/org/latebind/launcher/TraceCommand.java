package org.latebind.launcher;

import java.nio.file.Path;
import org.latebind.console.trace.Chart;
import org.latebind.console.trace.CriticalPath;
import org.latebind.console.trace.TraceViews;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Questions to a trace that {@code run --trace} wrote. */
@Command(name = "trace", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "QUESTION",
        description = "Answers questions to a trace that 'run --trace' wrote.")
final class TraceCommand {

    private static final String FILE = "The trace, JSON lines.";

    @Command(name = "chain", mixinStandardHelpOptions = true, description = "The critical path to a bound device.")
    int chain(@Parameters(paramLabel = "TRACE", description = FILE) Path file,
            @Parameters(paramLabel = "DEVICE", description = "Path of the device.") String device) {
        System.out.print(CriticalPath.text(TraceFile.read(file).log(), device));
        return ExitCode.OK;
    }

    @Command(name = "blame", mixinStandardHelpOptions = true, description = "Who waited longest.")
    int blame(@Parameters(paramLabel = "TRACE", description = FILE) Path file) {
        System.out.print(TraceViews.blame(TraceFile.read(file).log()));
        return ExitCode.OK;
    }

    @Command(name = "plot", mixinStandardHelpOptions = true, description = "A chart of the run as SVG, on standard output.")
    int plot(@Parameters(paramLabel = "TRACE", description = FILE) Path file) {
        TraceFile trace = TraceFile.read(file);
        System.out.print(Chart.svg(trace.board(), trace.log()));
        return ExitCode.OK;
    }

    @Command(name = "dmesg", mixinStandardHelpOptions = true, description = "The log as a kernel would print it.")
    int dmesg(@Parameters(paramLabel = "TRACE", description = FILE) Path file) {
        System.out.print(TraceViews.dmesg(TraceFile.read(file).log()));
        return ExitCode.OK;
    }

    @Command(name = "perfetto", mixinStandardHelpOptions = true, description = "Trace events that the Perfetto UI opens.")
    int perfetto(@Parameters(paramLabel = "TRACE", description = FILE) Path file) {
        TraceFile trace = TraceFile.read(file);
        Json.print(TraceViews.traceEvents(trace.board(), trace.log()));
        return ExitCode.OK;
    }

    @Command(name = "schedule", mixinStandardHelpOptions = true, description = "The schedule that plays the run again.")
    int schedule(@Parameters(paramLabel = "TRACE", description = FILE) Path file) {
        System.out.print(TraceViews.schedule(TraceFile.read(file).log()));
        return ExitCode.OK;
    }
}
