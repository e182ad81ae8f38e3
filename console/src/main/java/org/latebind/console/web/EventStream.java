package org.latebind.console.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.console.report.CoreReport;
import org.latebind.runtime.LogEntry;

/**
 * One reader of server-sent events. It holds no queue, only where the reader is: the log and the state say what comes next, so
 * a slow reader costs nothing and gets fewer, larger pieces.
 */
final class EventStream implements WriteListener {

    private static final int BATCH_MAX = 500;
    private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.UTF_8);

    private final LivePage page;
    private final AsyncContext context;
    private final ServletOutputStream out;
    private long next;
    private PageState seen;
    private PageState current;
    private boolean greeted;
    private boolean dirty = true;
    private int stuckTicks;
    private volatile boolean closed;

    EventStream(LivePage page, AsyncContext context, ServletOutputStream out, long next) {
        this.page = page;
        this.context = context;
        this.out = out;
        this.next = next;
    }

    boolean closed() {
        return closed;
    }

    /** Offers a newer state; false when the reader has not taken anything for {@code stuckMax} offers. */
    synchronized boolean offer(PageState state, boolean heartbeat, int stuckMax) {
        current = state;
        if (closed) {
            return false;
        }
        try {
            boolean ready = pump();
            if (ready && heartbeat) {
                out.write(HEARTBEAT);
                if (out.isReady()) {
                    out.flush();
                }
            }
            stuckTicks = ready ? 0 : stuckTicks + 1;
        } catch (IOException | IllegalStateException e) {
            close();
        }
        return !closed && stuckTicks <= stuckMax;
    }

    @Override
    public synchronized void onWritePossible() throws IOException {
        pump();
    }

    @Override
    public void onError(Throwable failure) {
        close();
    }

    void close() {
        if (!closed) {
            closed = true;
            try {
                context.complete();
            } catch (IllegalStateException e) {
                // The container was faster.
            }
        }
    }

    /** Writes while the reader takes it; whether it could take more. */
    private boolean pump() throws IOException {
        while (!closed && out.isReady()) {
            byte[] piece = piece();
            if (piece == null) {
                if (dirty) {
                    dirty = false;
                    out.flush();
                }
                return out.isReady();
            }
            dirty = true;
            out.write(piece);
        }
        return false;
    }

    private byte[] piece() throws IOException {
        if (!greeted) {
            greeted = true;
            return event("hello", null, Map.of("run", page.run(), "next", next));
        }
        List<LogEntry> entries = page.log(next, BATCH_MAX);
        if (!entries.isEmpty()) {
            next += entries.size();
            return event("log", page.run() + "-" + next, entries.stream().map(CoreReport::logEntry).toList());
        }
        if (current != seen && current != null) {
            Map<String, Object> delta = new LinkedHashMap<>(StateDelta.between(seen, current));
            boolean first = seen == null;
            seen = current;
            if (!delta.isEmpty()) {
                delta.put("whole", first);
                delta.put("at", next);
                return event("state", null, delta);
            }
        }
        return null;
    }

    private static byte[] event(String name, String id, Object data) throws IOException {
        String text = "event: " + name + "\n" + (id == null ? "" : "id: " + id + "\n") + "data: "
                + GuardedServlet.JSON.writeValueAsString(data) + "\n\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
