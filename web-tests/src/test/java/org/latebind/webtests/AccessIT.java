package org.latebind.webtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the page's server refuses, and that the runtime goes on behind it. */
class AccessIT {

    private static final int STREAMS = 500;
    private static final int STREAMS_MAX = 32;
    private static final String LATE_INIT = "{\"line\": \"late-init\"}";
    private static LiveServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() throws IOException {
        server = LiveServer.start("teaching", 0, "dma-client");
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpRequest.Builder post(String body) {
        return HttpRequest.newBuilder(URI.create(server.root() + "api/command")).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static String origin() {
        return server.root().substring(0, server.root().length() - 1);
    }

    private static int status(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private static String state() throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(server.root() + "api/state")).build(),
                HttpResponse.BodyHandlers.ofString()).body();
    }

    /** What the runtime counts: nothing that is refused may move it. */
    private static long events() throws IOException, InterruptedException {
        return new ObjectMapper().readTree(state()).path("events").asLong(-1);
    }

    @Test
    void aForeignOriginIsRefusedAndTheRuntimeIsUnaffected() throws Exception {
        long before = events();
        assertThat(status(post(LATE_INIT).header("Origin", "http://example.org").header("X-Latebind-Token", server.token())))
                .isEqualTo(403);
        assertThat(events()).isEqualTo(before).isPositive();
    }

    @Test
    void aRequestWithoutOriginIsRefused() throws Exception {
        assertThat(status(post(LATE_INIT).header("X-Latebind-Token", server.token()))).isEqualTo(403);
    }

    @Test
    void aMissingTokenIsRefusedAndTheRuntimeIsUnaffected() throws Exception {
        long before = events();
        assertThat(status(post(LATE_INIT).header("Origin", origin()))).isEqualTo(401);
        assertThat(events()).isEqualTo(before).isPositive();
    }

    @Test
    void aWrongTokenIsRefused() throws Exception {
        assertThat(status(post(LATE_INIT).header("Origin", origin()).header("X-Latebind-Token", "0".repeat(32)))).isEqualTo(401);
    }

    @Test
    void theRightOriginAndTokenAreServed() throws Exception {
        assertThat(status(post(LATE_INIT).header("Origin", origin()).header("X-Latebind-Token", server.token()))).isEqualTo(200);
    }

    @Test
    void aNameThatResolvesToThisComputerIsNotEnough() throws Exception {
        assertThat(raw("GET /api/state HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 421");
    }

    @Test
    void aBodyOfTenMegabytesIsRefusedBeforeItIsRead() throws Exception {
        String head = "POST /api/command HTTP/1.1\r\nHost: " + server.root().replaceAll("http://|/", "") + "\r\nOrigin: " + origin()
                + "\r\nX-Latebind-Token: " + server.token() + "\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n";
        // Only the head is sent: an answer now is an answer without the body.
        assertThat(raw(head)).startsWith("HTTP/1.1 413");
    }

    /** Method: all ten megabytes are sent, whether or not anybody reads them; the server may cut the line after its answer. */
    @Test
    void aBodyOfTenMegabytesThatIsReallySentChangesNothing() throws Exception {
        long before = events();
        byte[] megabyte = new byte[1 << 20];
        java.util.Arrays.fill(megabyte, (byte) 'x');
        String answer = "";
        try (Socket socket = connect()) {
            send(socket, "POST /api/command HTTP/1.1\r\nHost: " + server.root().replaceAll("http://|/", "") + "\r\nOrigin: " + origin()
                    + "\r\nX-Latebind-Token: " + server.token() + "\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n");
            answer = firstLine(socket.getInputStream());
            for (int i = 0; i < 10; i++) {
                socket.getOutputStream().write(megabyte);
            }
        } catch (IOException cutWhileSending) {
            assertThat(answer).as(cutWhileSending.getMessage()).isNotEmpty();
        }
        assertThat(answer).startsWith("HTTP/1.1 413");
        assertThat(events()).isEqualTo(before).isPositive();
        assertThat(server.alive()).isTrue();
    }

    @Test
    void aBodyOfUnknownLengthIsReadOnlyUpToTheBound() throws Exception {
        byte[] large = ("{\"line\": \"" + "x".repeat(1 << 20) + "\"}").getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.root() + "api/command"))
                .header("Content-Type", "application/json").header("Origin", origin()).header("X-Latebind-Token", server.token())
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofByteArray(large)));
        int status;
        try {
            status = status(request);
        } catch (IOException closedWhileSending) {
            status = 413;
        }
        assertThat(status).isEqualTo(413);
        assertThat(state()).contains("\"board\"");
    }

    @Test
    void aFileIsNoModule() throws Exception {
        HttpResponse<String> answer = client.send(post("{\"line\": \"load /etc/passwd.jar\"}").header("Origin", origin())
                .header("X-Latebind-Token", server.token()).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body()).contains("\"ok\":false").contains("no module /etc/passwd.jar");
    }

    @Test
    void fiveHundredIdleStreamsAreBoundedAndTheRuntimeGoesOn() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            int served = 0;
            int refused = 0;
            for (int i = 0; i < STREAMS; i++) {
                Socket socket = connect();
                sockets.add(socket);
                send(socket, "GET /api/events HTTP/1.1\r\nHost: " + server.root().replaceAll("http://|/", "") + "\r\n\r\n");
                String line = firstLine(socket.getInputStream());
                served += line.startsWith("HTTP/1.1 200") ? 1 : 0;
                refused += line.startsWith("HTTP/1.1 503") ? 1 : 0;
            }
            assertThat(served).isEqualTo(STREAMS_MAX);
            assertThat(refused).isEqualTo(STREAMS - STREAMS_MAX);
            assertThat(state()).contains("\"board\"");
            assertThat(status(post(LATE_INIT).header("Origin", origin()).header("X-Latebind-Token", server.token()))).isEqualTo(200);
            assertThat(server.alive()).isTrue();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(server.root()).getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static String firstLine(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next >= 0 && next != '\r'; next = input.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request);
            return firstLine(socket.getInputStream());
        }
    }
}
