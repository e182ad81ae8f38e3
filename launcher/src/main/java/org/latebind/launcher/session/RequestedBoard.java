package org.latebind.launcher.session;

import java.nio.file.Path;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.explorer.catalogue.PopulationFile;
import org.latebind.machine.qemu.QemuSetup;
import org.latebind.pci.PciPopulationReader;
import org.latebind.probe.PciDevices;
import org.latebind.probe.Population;
import org.latebind.runtime.BoardSource;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The board the command line named, as the service the core waits for. */
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"org.latebind.runtime.BoardSource\"",
        effective = "active")
@Component(service = {})
public final class RequestedBoard implements BoardSource {

    private static final String QEMU = "qemu";

    private final Request request;
    private final DeviceTree tree;
    private final Population population;
    private final ServiceRegistration<BoardSource> registration;

    /** Reads the board; the command line has read it once already, so it is known to be good. */
    @Activate
    public RequestedBoard(BundleContext context) {
        request = Request.from(context);
        boolean qemu = QEMU.equals(request.machine());
        tree = qemu ? QemuSetup.standard().deviceTree() : DeviceTreeFile.read(Path.of(request.board()));
        population = qemu ? QemuSetup.standard().population(tree) : read(request.population(), tree);
        registration = context.registerService(BoardSource.class, this,
                FrameworkUtil.asDictionary(Map.of("latebind.machine", request.machine())));
    }

    /** Withdraws the board. */
    @Deactivate
    public void deactivate() {
        registration.unregister();
    }

    private static Population read(String file, DeviceTree tree) {
        if (file == null) {
            return Population.NONE;
        }
        Path path = Path.of(file);
        return file.endsWith(".pci") ? PciDevices.population(tree, PciPopulationReader.read(path)) : PopulationFile.read(path);
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
    public Population population() {
        return population;
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
