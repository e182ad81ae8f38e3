package org.latebind.console.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.felix.service.command.Descriptor;
import org.latebind.console.explain.BoardExplainer;
import org.latebind.console.trace.Chart;
import org.latebind.console.trace.CriticalPath;
import org.latebind.console.trace.TraceViews;
import org.latebind.runtime.DriverCore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Commands on the log of the running board. */
@Component(service = TraceCommands.class, property = {"osgi.command.scope=latebind", "osgi.command.function=chain",
    "osgi.command.function=blame", "osgi.command.function=plot", "osgi.command.function=explain"})
public final class TraceCommands {

    private final DriverCore core;
    private final BoardExplainer explainer;

    /** Takes the core and who explains it. */
    @Activate
    public TraceCommands(@Reference DriverCore core, @Reference BoardExplainer explainer) {
        this.core = core;
        this.explainer = explainer;
    }

    /** Why a device is not translated. */
    @Descriptor("why a device is not translated, and which commands cure it")
    public String explain(@Descriptor("device path, node name or unit address") String device) {
        return explainer.explain(device).text();
    }

    /** Critical path. */
    @Descriptor("the critical path to a bound device")
    public String chain(@Descriptor("device path, node name or unit address") String device) {
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
