package org.latebind.console.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.felix.service.command.Descriptor;
import org.latebind.console.trace.Chart;
import org.latebind.console.trace.CriticalPath;
import org.latebind.console.trace.TraceViews;
import org.latebind.runtime.DriverCore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Commands on the log of the running board. */
@Component(service = TraceCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=chain",
    "osgi.command.function=blame", "osgi.command.function=plot"})
public final class TraceCommands {

    private final DriverCore core;

    /** Takes the core. */
    @Activate
    public TraceCommands(@Reference DriverCore core) {
        this.core = core;
    }

    /** Critical path. */
    @Descriptor("the critical path to a bound device")
    public String chain(@Descriptor("device path") String device) {
        return CriticalPath.text(core.log(), device);
    }

    /** Longest waits. */
    @Descriptor("who waited longest")
    public String blame() {
        return TraceViews.blame(core.log());
    }

    /** Chart. */
    @Descriptor("writes a chart of the run as SVG")
    public String plot(@Descriptor("file") String file) throws IOException {
        Files.writeString(Path.of(file), Chart.svg(core.snapshot().board(), core.log()));
        return "written " + file;
    }
}
