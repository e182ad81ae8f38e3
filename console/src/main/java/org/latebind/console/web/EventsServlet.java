package org.latebind.console.web;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.latebind.runtime.CoreSnapshot;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code GET /api/events}: the log and the changes of the state as server-sent events. Streams hold no thread; there is a
 * limit on
 * their number. A reader that comes back with {@code Last-Event-ID} of the same run gets what it missed, any other everything.
 */
@Component(service = Servlet.class, property = {"osgi.http.whiteboard.servlet.pattern=/api/events",
    "osgi.http.whiteboard.servlet.name=latebind-events", "osgi.http.whiteboard.servlet.asyncSupported:Boolean=true"})
public final class EventsServlet extends GuardedServlet {

    /** Most streams at a time. */
    static final int STREAMS_MAX = 32;
    private static final long serialVersionUID = 1L;
    private static final int TICK_MILLIS = 10;
    private static final int HEARTBEAT_TICKS = 5_000 / TICK_MILLIS;
    private static final int STUCK_TICKS = 30_000 / TICK_MILLIS;
    /** Modules, findings and clients may change without an event of the core; they are looked at this often. */
    private static final int LOOK_TICKS = 200 / TICK_MILLIS;

    private final transient LivePage page;
    private final transient Semaphore places = new Semaphore(STREAMS_MAX);
    private final transient List<EventStream> streams = new CopyOnWriteArrayList<>();
    private final transient ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "latebind-live-page");
        thread.setDaemon(true);
        return thread;
    });
    private transient CoreSnapshot lastSnapshot;
    private transient int lastLogSize;
    private transient PageState lastState;
    private transient int ticks;

    /** Takes the page. */
    @Activate
    public EventsServlet(@Reference LivePage page) {
        this.page = page;
        clock.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Deactivate
    void close() {
        clock.shutdownNow();
        streams.forEach(EventStream::close);
    }

    @Override
    LivePage page() {
        return page;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!places.tryAcquire()) {
            response.setHeader("Retry-After", "5");
            refuse(response, new Access.Verdict(503, "there are already " + STREAMS_MAX + " readers"));
            return;
        }
        String last = request.getHeader("Last-Event-ID");
        response.setContentType("text/event-stream;charset=utf-8");
        response.setHeader("X-Accel-Buffering", "no");
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        EventStream stream = new EventStream(page, context, response.getOutputStream(),
                next(last == null ? request.getParameter("last") : last));
        streams.add(stream);
        response.getOutputStream().setWriteListener(stream);
    }

    /** Where a reader goes on that saw {@code RUN-NUMBER} last. */
    private long next(String last) {
        String prefix = page.run() + "-";
        if (last == null || !last.startsWith(prefix)) {
            return 0;
        }
        try {
            return Math.max(0, Math.min(Long.parseLong(last.substring(prefix.length())), page.logSize()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private void tick() {
        try {
            if (!streams.isEmpty()) {
                show();
            }
        } catch (RuntimeException e) {
            // A state that cannot be read now, for example while the framework stops, is read again at the next tick.
            org.slf4j.LoggerFactory.getLogger(EventsServlet.class).warn("live page", e);
        }
    }

    private void show() {
        ticks++;
        CoreSnapshot snapshot = page.snapshot();
        int logSize = page.logSize();
        boolean look = lastState == null || snapshot != lastSnapshot || logSize != lastLogSize || ticks % LOOK_TICKS == 0;
        if (look) {
            PageState state = page.state();
            lastState = state.equals(lastState) ? lastState : state;
            lastSnapshot = snapshot;
            lastLogSize = logSize;
        }
        boolean heartbeat = ticks % HEARTBEAT_TICKS == 0;
        for (EventStream stream : streams) {
            if (!stream.offer(lastState, heartbeat, STUCK_TICKS)) {
                stream.close();
                if (streams.remove(stream)) {
                    places.release();
                }
            }
        }
    }
}
