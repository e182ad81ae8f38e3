package org.example.toyiommu;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;
import static org.ops4j.pax.exam.CoreOptions.url;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DeviceTreeFile;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Machine;
import org.latebind.runtime.BoardSource;
import org.latebind.runtime.Command;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.DriverCore;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.util.tracker.ServiceTracker;

/** The bundle comes to a running board, its devices are translated; it goes, they wait. */
@RunWith(PaxExam.class)
public class ToyIommuIT {

    private static final String MMC = "/soc/mmc@1001000";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Inject
    private BundleContext context;
    private ServiceRegistration<BoardSource> board;
    private DriverCore core;
    private Bundle toy;

    @Configuration
    public static Option[] framework() {
        return options(junitBundles(),
                // Pax Exam wants SLF4J 1.7, Latebind 2.0: the same classes serve both.
                systemPackages("org.slf4j;version=1.7.36", "org.slf4j.spi;version=1.7.36", "org.slf4j.helpers;version=1.7.36",
                        "org.slf4j;version=2.0.17", "org.slf4j.spi;version=2.0.17", "org.slf4j.helpers;version=2.0.17",
                        "org.slf4j.event;version=2.0.17"),
                composite(Stream.of("org.osgi.util.function", "org.osgi.util.promise", "org.osgi.service.component",
                        "org.apache.felix.configadmin", "org.apache.felix.scr", "driver-core", "machine", "dma-client")
                        .map(ToyIommuIT::bundle).toArray(Option[]::new)));
    }

    /** A jar of the test class path. */
    private static Option bundle(String artifact) {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        File jar = Stream.of(path.split(File.pathSeparator)).map(File::new)
                .filter(file -> file.getName().matches(artifact + "-\\d.*\\.jar")).findFirst().orElseThrow();
        return url("reference:" + jar.toURI());
    }

    @Before
    public void bringTheBoardUp() throws Exception {
        DeviceTree tree = DeviceTreeFile.read(Path.of(System.getProperty("toy.board")));
        board = context.registerService(BoardSource.class, new BoardSource() {
            @Override
            public String name() {
                return "toy";
            }

            @Override
            public DeviceTree tree() {
                return tree;
            }

            @Override
            public String policy() {
                return "latebind";
            }
        }, null);
        core = await(DriverCore.class, null);
        // Boot is over: from now on whoever waits is tried again when something binds.
        core.execute(new Command.LateInit());
        toy = context.installBundle("file:" + System.getProperty("toy.bundle"));
    }

    @After
    public void takeItDown() throws Exception {
        toy.uninstall();
        board.unregister();
    }

    private <T> T await(Class<T> type, String filter) throws Exception {
        String all = "(objectClass=" + type.getName() + ")";
        ServiceTracker<T, T> tracker = new ServiceTracker<>(context,
                context.createFilter(filter == null ? all : "(&" + all + filter + ")"), null);
        tracker.open();
        return tracker.waitForService(PATIENCE.toMillis());
    }

    private String outcome() {
        assertTrue(core.awaitIdle(PATIENCE));
        return core.snapshot().device(MMC).orElseThrow().outcome();
    }

    @Test
    public void devicesWaitForTheDriverAndAreTranslatedWhenItComes() throws Exception {
        assertEquals("PENDING", outcome());
        toy.start();
        assertEquals("BOUND_TRANSLATED", outcome());
        DmaClient client = await(DmaClient.class, "(latebind.device.path=" + MMC + ")");
        DmaClient.Transfer transfer = client.write(0, "Hello, toy".getBytes(StandardCharsets.UTF_8));
        assertEquals(transfer.toString(), DmaResult.Kind.TRANSLATED, transfer.result().kind());
        assertTrue(transfer.intact());
        assertEquals("what was unmapped is gone", DmaResult.Kind.FAULT,
                client.writeAt(0, transfer.busAddress(), new byte[1]).result().kind());
        assertEquals("[]", await(Machine.class, null).findings().toString());
    }

    @Test
    public void devicesWaitAgainWhenItGoesAndNothingIsLeftBehind() throws Exception {
        Machine machine = await(Machine.class, null);
        assertEquals("PENDING", outcome());
        long before = machine.pages().allocatedBytes();
        for (int i = 0; i < 3; i++) {
            toy.start();
            assertEquals("BOUND_TRANSLATED", outcome());
            toy.stop();
            assertEquals("PENDING", outcome());
        }
        assertEquals(before, machine.pages().allocatedBytes());
        assertEquals("[]", machine.findings().toString());
    }
}
