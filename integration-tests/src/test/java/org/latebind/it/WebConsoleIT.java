package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.apache.felix.hc.api.execution.HealthCheckExecutionOptions;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckSelector;
import org.apache.felix.inventory.Format;
import org.apache.felix.inventory.InventoryPrinter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.runtime.Command;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.osgi.util.tracker.ServiceTracker;

/** The board in the Felix Web Console, in its inventory and as a health check. */
@ExtendWith(PaxExamExtension.class)
public class WebConsoleIT {

    private static final String MMC = "/soc/mmc@1001000";
    private static final String PORT = "org.osgi.service.http.port";
    private static final long PATIENCE_MILLIS = 60_000;

    @Configuration
    static Option[] config() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return CoreOptions.options(CoreOptions.composite(Provision.base()),
                    CoreOptions.frameworkProperty(PORT).value(Integer.toString(free.getLocalPort())),
                    CoreOptions.frameworkProperty("org.apache.felix.http.host").value("127.0.0.1"),
                    CoreOptions.composite(Stream.of("org.apache.felix.http.servlet-api", "org.apache.felix.http.jetty12",
                            "commons-fileupload", "commons-io", "org.apache.felix.log", "org.apache.felix.inventory", "encoder",
                            "org.apache.felix.webconsole", "org.osgi.service.event", "org.apache.felix.healthcheck.api",
                            "org.apache.felix.healthcheck.core", "jackson-annotations", "jackson-core", "jackson-databind", "explorer",
                            "console").map(Provision::bundle).toArray(Option[]::new)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Live board() throws Exception {
        Live live = Live.board("teaching.dts", "latebind", Map.of());
        live.start("dma-client");
        live.core().execute(new Command.LateInit());
        return live;
    }

    private static <T> T await(Live live, Class<T> type) throws InterruptedException {
        ServiceTracker<T, T> tracker = new ServiceTracker<>(live.context(), type, null);
        tracker.open();
        T service = tracker.waitForService(PATIENCE_MILLIS);
        assertThat(service).as("%s", type).isNotNull();
        return service;
    }

    @Test
    public void thePluginShowsTheDevices() throws Exception {
        try (Live live = board()) {
            live.start("ipmmu-vmsa");
            assertThat(live.outcome(MMC)).isEqualTo("BOUND_TRANSLATED");
            HttpRequest request = HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + live.context().getProperty(PORT) + "/system/console/latebind"))
                    .header("Authorization", "Basic "
                            + Base64.getEncoder().encodeToString("admin:admin".getBytes(StandardCharsets.UTF_8)))
                    .build();
            HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("<td>" + MMC + "</td><td>BOUND_TRANSLATED</td><td>dma-client</td>");
        }
    }

    @Test
    public void theInventoryPrintsTextAndJson() throws Exception {
        try (Live live = board()) {
            InventoryPrinter printer = live.service(InventoryPrinter.class, "(felix.inventory.printer.name=latebind)");
            assertThat(print(printer, Format.TEXT)).contains("Board ", MMC, "PENDING", "compatible names renesas,ipmmu-r8a7795");
            assertThat(print(printer, Format.JSON)).startsWith("{\"board\":").contains("\"deferred\":[", "\"findings\":[]");
        }
    }

    private static String print(InventoryPrinter printer, Format format) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        printer.print(out, format, false);
        out.flush();
        return text.toString();
    }

    @Test
    public void theHealthCheckWarnsOfDevicesThatAreStuckAndIsWellWhenTheyAreBound() throws Exception {
        try (Live live = board()) {
            HealthCheckExecutor executor = await(live, HealthCheckExecutor.class);
            Result stuck = execute(executor);
            assertThat(stuck.getStatus()).isEqualTo(Result.Status.WARN);
            assertThat(messages(stuck)).anyMatch(line -> line.contains(MMC + " is PENDING"));
            live.start("ipmmu-vmsa");
            assertThat(live.outcome(MMC)).isEqualTo("BOUND_TRANSLATED");
            assertThat(execute(executor).getStatus()).isEqualTo(Result.Status.OK);
        }
    }

    private static Result execute(HealthCheckExecutor executor) {
        List<HealthCheckExecutionResult> results = executor.execute(HealthCheckSelector.tags("latebind"),
                new HealthCheckExecutionOptions().setForceInstantExecution(true));
        assertThat(results).hasSize(1);
        return results.get(0).getHealthCheckResult();
    }

    private static List<String> messages(Result result) {
        List<String> messages = new java.util.ArrayList<>();
        for (ResultLog.Entry entry : result) {
            messages.add(entry.getMessage());
        }
        return messages;
    }
}
