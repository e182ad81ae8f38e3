package org.latebind.console.web;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.latebind.console.explain.BoardExplainer;
import org.latebind.console.report.CoreReport;
import org.latebind.console.trace.Chart;
import org.latebind.console.trace.CriticalPath;
import org.latebind.console.trace.TraceViews;
import org.latebind.runtime.DomainTable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * What the page reads: {@code /api/board}, {@code /api/state}, {@code /api/log?from=N}, {@code /api/tables?group=N},
 * {@code /api/explain?device=D}, {@code /api/chain?device=D}, {@code /api/blame} and {@code /api/plot}.
 */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.pattern=/api/*",
    "osgi.http.whiteboard.servlet.name=latebind-query"})
public final class QueryServlet extends GuardedServlet {

    private static final long serialVersionUID = 1L;
    private static final int ENTRIES_MAX = 5_000;

    private final transient LivePage page;
    private final transient BoardExplainer explainer;

    /** Takes the page and who explains the board. */
    @Activate
    public QueryServlet(@Reference LivePage page, @Reference BoardExplainer explainer) {
        this.page = page;
        this.explainer = explainer;
    }

    @Override
    LivePage page() {
        return page;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (String.valueOf(request.getPathInfo())) {
            case "/board" -> send(response, 200, page.topology());
            case "/state" -> {
                Map<String, Object> state = new LinkedHashMap<>();
                state.put("run", page.run());
                state.putAll(StateDelta.between(null, page.state()));
                send(response, 200, state);
            }
            case "/log" -> {
                long from = number(request.getParameter("from"));
                if (from < 0) {
                    refuse(response, new Access.Verdict(400, "from is the number of a log entry"));
                } else {
                    send(response, 200, page.log(from, ENTRIES_MAX).stream().map(CoreReport::logEntry).toList());
                }
            }
            case "/tables" -> {
                long group = number(request.getParameter("group"));
                DomainTable table = group < 0 || group > Integer.MAX_VALUE ? null : page.core().pageTable((int) group);
                if (table == null) {
                    refuse(response, new Access.Verdict(404, "this group has no page table that can be shown"));
                } else {
                    send(response, 200, TableDocument.of(table));
                }
            }
            case "/explain" -> send(response, 200, explainer.explain(device(request)).document());
            case "/chain" -> send(response, 200, Map.of("text", CriticalPath.text(page.core().log(), device(request))));
            case "/blame" -> send(response, 200, Map.of("text", TraceViews.blame(page.core().log())));
            case "/plot" -> {
                byte[] svg = Chart.svg(page.snapshot().board(), page.core().log()).getBytes(StandardCharsets.UTF_8);
                response.setContentType("image/svg+xml");
                response.setContentLength(svg.length);
                response.getOutputStream().write(svg);
            }
            default -> refuse(response, new Access.Verdict(404, "no such document"));
        }
    }

    private static String device(HttpServletRequest request) {
        String device = request.getParameter("device");
        return device == null ? "" : device;
    }

    /** The number, 0 for none, -1 for anything else. */
    private static long number(String text) {
        try {
            return text == null ? 0 : Math.max(-1, Long.parseLong(text));
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
