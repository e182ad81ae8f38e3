package org.latebind.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;

/**
 * Where the live page of a run is served: on the loopback address, with a token of this run for everything that changes
 * something.
 *
 * @param port  port
 * @param token what commands have to present
 */
record LivePage(int port, String token) {

    private static final int TOKEN_BYTES = 16;
    private static final int PORT_MAX = 65535;

    /** Chooses a token and, for port 0, a free port. */
    static LivePage on(int port) {
        if (port < 0 || port > PORT_MAX) {
            throw new BadInput("--web: " + port + " is no port");
        }
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return new LivePage(socket.getLocalPort(), HexFormat.of().formatHex(random));
        } catch (IOException e) {
            throw new BadInput("--web: port " + port + " cannot be used: " + e.getMessage());
        }
    }

    /** What the framework has to know. */
    Map<String, String> settings() {
        return Map.of("org.osgi.service.http.port", Integer.toString(port), "org.apache.felix.http.host", "127.0.0.1",
                "org.apache.felix.http.session.timeout", "0", "latebind.web.token", token);
    }

    /** The address a person opens. The token stands behind the number sign, which no browser sends to anybody. */
    String address() {
        return "http://127.0.0.1:" + port + "/#token=" + token;
    }
}
