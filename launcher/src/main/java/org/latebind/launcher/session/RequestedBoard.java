package org.latebind.launcher.session;

import java.util.Map;
import org.latebind.runtime.BoardSource;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The board the command line named, as the service the core waits for; a comparison brings its boards up itself. */
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"org.latebind.runtime.BoardSource\"",
        effective = "active")
@Component(service = {})
public final class RequestedBoard {

    private final ServiceRegistration<BoardSource> registration;

    /** Reads the board. */
    @Activate
    public RequestedBoard(BundleContext context, @Reference ClientBundles clients) {
        Request request = Request.from(context);
        if (AgreementRequest.from(context) != null) {
            registration = null;
            return;
        }
        BoardInput board = BoardInput.of(request);
        if (request.clients() > 0) {
            clients.share(board.tree(), request.clients());
        }
        registration = context.registerService(BoardSource.class, board,
                FrameworkUtil.asDictionary(Map.of("latebind.machine", request.machine())));
    }

    /** Withdraws the board. */
    @Deactivate
    public void deactivate() {
        if (registration != null) {
            registration.unregister();
        }
    }
}
