package org.latebind.launcher.session;

import java.nio.file.Path;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.devicetree.DtsReader;
import org.latebind.runtime.BoardSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The board the command line named, as the service the core waits for. */
@Component(service = BoardSource.class, immediate = true)
public final class RequestedBoard implements BoardSource {

    private final Request request;
    private final DeviceTree tree;

    /** Reads the board; the command line has read it once already, so it is known to be good. */
    @Activate
    public RequestedBoard(BundleContext context) {
        request = Request.from(context);
        Path file = Path.of(request.board());
        tree = request.board().endsWith(".dts") ? DtsReader.read(file) : DtbReader.read(file);
    }

    @Override
    public String name() {
        return request.name();
    }

    @Override
    public DeviceTree tree() {
        return tree;
    }

    @Override
    public String policy() {
        return request.policy();
    }

    @Override
    public Map<String, String> parameters() {
        return request.parameters();
    }

    @Override
    public boolean realTime() {
        return request.realTime();
    }
}
