package org.latebind.webtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged program, run with {@code --web} as a process of its own. */
final class LiveServer implements AutoCloseable {

    private static final String PREFIX = "Live page: ";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final String address;

    private LiveServer(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /** Starts a board on a port (0 for a free one) and waits for its address. */
    static LiveServer start(String board, int port, String... modules) throws IOException {
        Path dist = Path.of(System.getProperty("latebind.dist")).normalize();
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m", "-cp", dist.resolve("lib") + "/*",
                "org.latebind.launcher.Main", "run", board, "--load", modules.length == 0 ? "none" : String.join(",", modules),
                "--web", Integer.toString(port)));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("LATEBIND_HOME", dist.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder said = new StringBuilder();
        for (String text = output.readLine(); text != null; text = output.readLine()) {
            said.append(text).append('\n');
            if (text.startsWith(PREFIX)) {
                drain(output);
                return new LiveServer(process, text.substring(PREFIX.length()));
            }
        }
        throw new IOException("the program ended before it served the page:\n" + said);
    }

    /** Nobody reads on, but a full pipe would stop the program. */
    private static void drain(BufferedReader output) {
        Thread rest = new Thread(() -> {
            try {
                while (output.readLine() != null) {
                    continue;
                }
            } catch (IOException e) {
                // The program has ended.
            }
        }, "output");
        rest.setDaemon(true);
        rest.start();
    }

    /** Has exactly these modules loaded, in this order when they are not: what a person would do with the buttons. */
    void want(List<String> wanted) throws IOException {
        try {
            for (JsonNode module : JSON.readTree(get("api/state")).path("modules")) {
                if (module.path("loaded").asBoolean() && !wanted.contains(module.path("name").asText())) {
                    command("unload " + module.path("name").asText());
                }
            }
            for (String module : wanted) {
                command("load " + module);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private String get(String what) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(root() + what)).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    private void command(String line) throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(HttpRequest.newBuilder(URI.create(root() + "api/command"))
                .header("Content-Type", "application/json").header("Origin", root().substring(0, root().length() - 1))
                .header("X-Latebind-Token", token())
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("line", line)))).build(),
                HttpResponse.BodyHandlers.ofString());
        if (!JSON.readTree(answer.body()).path("ok").asBoolean()) {
            throw new IOException(line + ": " + answer.body());
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The address with the token. */
    String address() {
        return address;
    }

    String root() {
        return address.substring(0, address.indexOf('#'));
    }

    String token() {
        return address.substring(address.indexOf('=') + 1);
    }

    boolean alive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
