package org.latebind.console.explain;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.latebind.console.trace.TraceViews;
import org.latebind.devicetree.PathSearch;
import org.latebind.explorer.catalogue.BundleModules;
import org.latebind.explorer.catalogue.GenericClient;
import org.latebind.explorer.explain.DeviceExplanation;
import org.latebind.explorer.replay.ReplayException;
import org.latebind.probe.Board;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.runtime.BoardSource;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverCore;
import org.latebind.schedule.Schedule;
import org.latebind.schedule.ScheduleEvent;
import org.latebind.schedule.ScheduleException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Explains devices of the running board: what its log says happened is played on the model, with the installed driver bundles
 * as the modules that may cure. Thread safe; changes nothing.
 */
@Component(service = BoardExplainer.class)
public final class BoardExplainer {

    private static final String CLIENT_HEADER = "Latebind-Client";
    private static final String SOURCE = "run";
    /** What was asked for just now is waited for, so that it is explained, too. */
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(5);

    private final BundleContext context;
    private final DriverCore core;
    private final BoardSource source;
    private final Board board;

    /** Takes the core and the board it runs. */
    @Activate
    public BoardExplainer(BundleContext context, @Reference DriverCore core, @Reference BoardSource source) {
        this.context = context;
        this.core = core;
        this.source = source;
        this.board = source.devices();
    }

    /**
     * Explains a device.
     *
     * @param name path, node name or unit address; not null
     * @return the explanation, or why there is none
     */
    public Answer explain(String name) {
        core.awaitIdle(SETTLE_LIMIT);
        CoreSnapshot snapshot = core.snapshot();
        List<String> found = PathSearch.find(snapshot.devices().stream().map(DeviceStatus::path).toList(), name);
        if (found.size() != 1) {
            return Answer.refused(found.isEmpty() ? name + ": no such device" : name + ": several devices: "
                    + String.join(", ", found));
        }
        int device = board.deviceIndex(found.get(0));
        if (device < 0) {
            return Answer.refused(name + ": not on the board's own description, so nothing is known about its kind");
        }
        try {
            DeviceExplanation explanation = DeviceExplanation.of(board, catalogue(), Policy.named(snapshot.policy()),
                    parameters(snapshot), events(), device);
            return new Answer(explanation, snapshot.device(found.get(0)).orElseThrow().outcome(), "");
        } catch (ReplayException | IllegalArgumentException | ScheduleException e) {
            return Answer.refused(name + ": what happened here cannot be played on the model: " + e.getMessage());
        }
    }

    private static Parameters parameters(CoreSnapshot snapshot) {
        Parameters parameters = Parameters.DEFAULTS;
        for (Map.Entry<String, String> value : snapshot.parameters().entrySet()) {
            parameters = parameters.with(value.getKey(), value.getValue());
        }
        return parameters;
    }

    /** The run so far; parameters are taken as they are now. */
    private Schedule events() {
        Schedule run = Schedule.parse(SOURCE, TraceViews.schedule(core.log()));
        return new Schedule(SOURCE, run.steps().stream().filter(step -> !(step.event() instanceof ScheduleEvent.Param)).toList());
    }

    private ModuleCatalogue catalogue() {
        List<KernelModule> modules = new ArrayList<>();
        boolean generic = false;
        for (Bundle bundle : context.getBundles()) {
            String name = bundle.getSymbolicName();
            if (bundle.getState() == Bundle.UNINSTALLED || name == null
                    || modules.stream().anyMatch(module -> module.name().equals(name))) {
                continue;
            }
            generic |= name.equals(GenericClient.NAME);
            String client = bundle.getHeaders("").get(CLIENT_HEADER);
            if (client != null) {
                modules.add(BundleModules.client(name, client));
            } else {
                BundleModules.module(name, bundle.getHeaders("").get("Provide-Capability"),
                        bundle.getHeaders("").get("Service-Component"), source.tree().root().compatible())
                        .ifPresent(modules::add);
            }
        }
        if (generic) {
            modules.removeIf(module -> module.name().equals(GenericClient.NAME));
            modules.add(GenericClient.module(source.tree(), modules));
        }
        return new ModuleCatalogue(modules);
    }
}
