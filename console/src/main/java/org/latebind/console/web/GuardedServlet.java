package org.latebind.console.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** A servlet that answers only to the page's own names and lets no browser mix its answers with anything else. */
abstract class GuardedServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;
    private static final String CONTENT_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** JSON in and out. */
    static final ObjectMapper JSON = new ObjectMapper();

    /** The page; never null while the servlet serves. */
    abstract LivePage page();

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        response.setHeader("Content-Security-Policy", CONTENT_POLICY);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        response.setHeader("Cache-Control", "no-cache");
        Access.Verdict verdict = page().access().read(request.getHeader("Host"));
        if (verdict.allowed()) {
            super.service(request, response);
        } else {
            refuse(response, verdict);
        }
    }

    static void refuse(HttpServletResponse response, Access.Verdict verdict) throws IOException {
        send(response, verdict.status(), Map.of("ok", false, "text", verdict.text()));
    }

    static void send(HttpServletResponse response, int status, Object document) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(document);
        response.setStatus(status);
        response.setContentType("application/json;charset=utf-8");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }
}
