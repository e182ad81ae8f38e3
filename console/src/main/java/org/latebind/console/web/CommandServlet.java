package org.latebind.console.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.latebind.runtime.CommandResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The one way to change something: {@code POST /api/command} with {@code {"line": "load arm-smmu"}}. One at a time. */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.pattern=/api/command",
    "osgi.http.whiteboard.servlet.name=latebind-command"})
public final class CommandServlet extends GuardedServlet {

    private static final long serialVersionUID = 1L;

    private final transient LivePage page;
    private final transient Semaphore desk = new Semaphore(1);

    /** Takes the page. */
    @Activate
    public CommandServlet(@Reference LivePage page) {
        this.page = page;
    }

    @Override
    LivePage page() {
        return page;
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Access.Verdict verdict = page.access().change(request.getHeader("Host"), request.getHeader("Origin"),
                request.getHeader("X-Latebind-Token"), request.getContentType(), request.getContentLengthLong());
        if (!verdict.allowed()) {
            // The body is left unread: the connection cannot be used again.
            response.setHeader("Connection", "close");
            refuse(response, verdict);
            return;
        }
        byte[] body = request.getInputStream().readNBytes(Access.BODY_MAX + 1);
        if (body.length > Access.BODY_MAX) {
            response.setHeader("Connection", "close");
            refuse(response, Access.tooLarge());
            return;
        }
        String line = line(body);
        if (line == null) {
            refuse(response, new Access.Verdict(400, "a command is {\"line\": \"...\"}"));
        } else if (!desk.tryAcquire()) {
            refuse(response, new Access.Verdict(409, "another command is still being carried out"));
        } else {
            try {
                CommandResult result = new CommandDesk(page.core(), page.modules(), page.clients()).run(line);
                send(response, 200, Map.of("ok", result.ok(), "text", result.text()));
            } finally {
                desk.release();
            }
        }
    }

    private static String line(byte[] body) throws IOException {
        try {
            JsonNode line = JSON.readTree(body).path("line");
            return line.isTextual() && line.textValue().length() <= Access.BODY_MAX ? line.textValue() : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
