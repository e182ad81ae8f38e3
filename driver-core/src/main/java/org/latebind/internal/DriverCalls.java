package org.latebind.internal;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.latebind.driver.Bound;
import org.latebind.driver.Errno;
import org.latebind.iommu.core.DriverCall;
import org.latebind.iommu.core.DriverMisbehavedException;

/**
 * Calls into drivers, one at a time, on a thread of their own: the caller waits with a bound. A driver that does not
 * come back loses its thread; should it answer after all, the answer is closed and reported, and nobody else sees it.
 *
 * <p>Meant to be used by the owner thread only; {@link #onDriverThread} may be asked by any thread.
 */
final class DriverCalls implements DriverCall, AutoCloseable {

    private final RealTime time;
    private final BiConsumer<String, String> lateAnswers;
    private volatile Duration limit;
    private CallThread thread;

    /**
     * Makes a caller without a thread; the first call starts it.
     *
     * @param time        bounds the wait
     * @param limit       longest wait for one answer
     * @param lateAnswers told driver and a sentence when an answer comes after the wait; called on the lost thread
     */
    DriverCalls(RealTime time, Duration limit, BiConsumer<String, String> lateAnswers) {
        this.time = time;
        this.limit = limit;
        this.lateAnswers = lateAnswers;
    }

    void limit(Duration wanted) {
        limit = wanted;
    }

    Duration limit() {
        return limit;
    }

    /** Tells whether the caller runs inside a driver call, a lost one included. */
    boolean onDriverThread() {
        return Thread.currentThread() instanceof CallThread own && own.owner == this;
    }

    @Override
    public <T> T ask(String driver, String what, Callable<T> call) throws DriverMisbehavedException {
        if (onDriverThread()) {
            throw new IllegalStateException(driver + ": a driver call from inside a driver call (" + what + ")");
        }
        if (thread == null) {
            thread = new CallThread(this);
            thread.start();
        }
        Order<T> order = new Order<>(driver, what, call);
        thread.orders.add(order);
        return answerOf(order);
    }

    private <T> T answerOf(Order<T> order) throws DriverMisbehavedException {
        boolean answered;
        try {
            answered = time.await(order.done, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answered = false;
        }
        if (!answered && order.state.compareAndSet(State.OPEN, State.ABANDONED)) {
            thread.lost = true;
            thread.interrupt();
            thread = null;
            throw new DriverMisbehavedException(order.driver, Errno.ETIMEDOUT, order.driver + " did not answer to " + order.what
                    + " within " + limit.toMillis() + " ms", null);
        }
        if (order.thrown != null) {
            throw new DriverMisbehavedException(order.driver, Errno.EIO, order.driver + " threw in " + order.what + ": "
                    + order.thrown, order.thrown);
        }
        return order.value;
    }

    /** Lets the thread end once it is idle. A driver that hangs keeps its own. */
    @Override
    public void close() {
        if (thread != null) {
            thread.orders.add(Order.END);
            thread = null;
        }
    }

    private enum State {
        OPEN, ANSWERED, ABANDONED
    }

    private static final class Order<T> {
        private static final Order<Void> END = new Order<>("", "", () -> null);

        private final String driver;
        private final String what;
        private final Callable<T> call;
        private final CountDownLatch done = new CountDownLatch(1);
        private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
        private T value;
        private Throwable thrown;

        Order(String driver, String what, Callable<T> call) {
            this.driver = driver;
            this.what = what;
            this.call = call;
        }

        /** Runs the call; the answer to an abandoned one is handed to {@code late}. */
        void run(Consumer<T> late) {
            T answer = null;
            try {
                answer = call.call();
                value = answer;
            } catch (Throwable e) {
                // Whatever a driver throws stays here, linkage errors of a half gone bundle included.
                thrown = e;
            }
            if (state.compareAndSet(State.OPEN, State.ANSWERED)) {
                done.countDown();
            } else {
                late.accept(answer);
            }
        }
    }

    private static final class CallThread extends Thread {
        private final LinkedBlockingQueue<Order<?>> orders = new LinkedBlockingQueue<>();
        private final DriverCalls owner;
        private volatile boolean lost;

        CallThread(DriverCalls owner) {
            super("latebind-driver");
            this.owner = owner;
            setDaemon(true);
        }

        @Override
        public void run() {
            while (!lost) {
                Order<?> order;
                try {
                    order = orders.take();
                } catch (InterruptedException e) {
                    continue;
                }
                if (order == Order.END) {
                    return;
                }
                serve(order);
            }
        }

        private <T> void serve(Order<T> order) {
            order.run(answer -> owner.lateAnswers.accept(order.driver,
                    "answered to " + order.what + " after its time was up" + discard(answer)));
        }

        private static String discard(Object answer) {
            try {
                if (answer instanceof Bound bound) {
                    bound.binding().close();
                } else if (answer instanceof AutoCloseable closeable) {
                    closeable.close();
                } else {
                    return "; discarded";
                }
                return "; discarded and closed";
            } catch (Exception | LinkageError e) {
                return "; discarded, and closing it threw " + e;
            }
        }
    }
}
