package org.latebind.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.latebind.console.trace.Chart;
import org.latebind.console.trace.TraceViews;
import org.latebind.launcher.session.Request;
import picocli.CommandLine.Option;

/** Where a run's log goes. */
final class TraceOptions {

    @Option(names = "--trace", paramLabel = "FILE",
            description = "Writes the whole log as JSON lines; 'latebind replay BOARD FILE' plays it again (name it *.jsonl).")
    private Path trace;

    @Option(names = "--trace-perfetto", paramLabel = "FILE", description = "Writes trace events that the Perfetto UI opens.")
    private Path perfetto;

    @Option(names = "--dmesg", paramLabel = "FILE", description = "Writes the log as a kernel would print it.")
    private Path dmesg;

    @Option(names = "--plot", paramLabel = "FILE", description = "Writes a chart of who waited and was bound when, as SVG.")
    private Path plot;

    boolean wanted() {
        return trace != null || perfetto != null || dmesg != null || plot != null;
    }

    /** Finds out before the run that one of the files cannot be written. */
    void check() {
        OutputFile.check(trace);
        OutputFile.check(perfetto);
        OutputFile.check(dmesg);
        OutputFile.check(plot);
    }

    void write(Request request, List<?> rows) {
        if (trace != null) {
            List<Object> lines = new ArrayList<>();
            lines.add(TraceFile.header(request.name(), request.policy(), request.parameters()));
            lines.addAll(rows);
            Json.printLines(trace, lines);
        }
        if (perfetto == null && dmesg == null && plot == null) {
            return;
        }
        TraceFile file = TraceFile.of(request.name(), request.policy(), Map.of(), rows);
        if (perfetto != null) {
            OutputFile.write(perfetto, Json.text(TraceViews.traceEvents(file.board(), file.log())));
        }
        if (dmesg != null) {
            OutputFile.write(dmesg, TraceViews.dmesg(file.log()));
        }
        if (plot != null) {
            OutputFile.write(plot, Chart.svg(file.board(), file.log()));
        }
    }
}
