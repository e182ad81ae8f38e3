package org.latebind.launcher.session;

import java.nio.file.Path;
import java.util.Map;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.explorer.catalogue.PopulationFile;
import org.latebind.pci.PciPopulationReader;
import org.latebind.probe.PciDevices;
import org.latebind.probe.Population;
import org.latebind.runtime.BoardSource;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The board the command line named, as the service the core waits for. */
@Component(service = BoardSource.class, immediate = true)
public final class RequestedBoard implements BoardSource {

    private final Request request;
    private final DeviceTree tree;
    private final Population population;

    /** Reads the board; the command line has read it once already, so it is known to be good. */
    @Activate
    public RequestedBoard(BundleContext context) {
        request = Request.from(context);
        tree = DeviceTreeFile.read(Path.of(request.board()));
        population = read(request.population(), tree);
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
