package org.latebind.console.web;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The files of the page, and no others. */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.pattern=/",
    "osgi.http.whiteboard.servlet.name=latebind-page"})
public final class PageServlet extends GuardedServlet {

    private static final long serialVersionUID = 1L;
    private static final Map<String, String> TYPES = Map.of("html", "text/html;charset=utf-8", "css", "text/css;charset=utf-8",
            "js", "text/javascript;charset=utf-8", "mjs", "text/javascript;charset=utf-8", "svg", "image/svg+xml");
    private static final java.util.regex.Pattern FILE =
            java.util.regex.Pattern.compile("/(cytoscape/|d3/)?[a-z0-9.-]+\\.(html|css|m?js|svg)");

    private final transient LivePage page;

    /** Takes the page. */
    @Activate
    public PageServlet(@Reference LivePage page) {
        this.page = page;
    }

    @Override
    LivePage page() {
        return page;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = "/".equals(request.getRequestURI()) ? "/index.html" : request.getRequestURI();
        try (InputStream file = FILE.matcher(path).matches() ? PageServlet.class.getResourceAsStream(path.substring(1)) : null) {
            if (file == null) {
                refuse(response, new Access.Verdict(404, "no such page"));
                return;
            }
            response.setContentType(TYPES.get(path.substring(path.lastIndexOf('.') + 1)));
            file.transferTo(response.getOutputStream());
        }
    }
}
