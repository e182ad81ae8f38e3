package org.latebind.console.web;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.latebind.console.report.CoreReport;
import org.latebind.runtime.DomainTable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What the page reads: {@code /api/board}, {@code /api/state}, {@code /api/log?from=N}, {@code /api/tables?group=N}. */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.pattern=/api/*",
    "osgi.http.whiteboard.servlet.name=latebind-query"})
public final class QueryServlet extends GuardedServlet {

    private static final long serialVersionUID = 1L;
    private static final int ENTRIES_MAX = 5_000;

    private final transient LivePage page;

    /** Takes the page. */
    @Activate
    public QueryServlet(@Reference LivePage page) {
        this.page = page;
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
            default -> refuse(response, new Access.Verdict(404, "no such document"));
        }
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
