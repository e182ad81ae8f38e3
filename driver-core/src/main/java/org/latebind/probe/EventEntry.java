package org.latebind.probe;

import java.util.Objects;
import org.latebind.driver.Errno;

/** Where events enter: each is checked and becomes a frame, a changed flag, or a refusal. */
final class EventEntry {

    private EventEntry() {
    }

    static boolean isAnswer(Event event) {
        return event instanceof Event.Probed || event instanceof Event.Attached || event instanceof Event.Done;
    }

    static void accept(Work w, Event event) {
        if (isAnswer(event)) {
            answer(w, event);
            return;
        }
        if (w.c[Layout.AWAIT] != 0) {
            throw new IllegalStateException("event " + event + " while an answer is awaited");
        }
        if (event instanceof Event.Load e) {
            load(w, Objects.checkIndex(e.module(), w.t.moduleCount));
        } else if (event instanceof Event.Unload e) {
            unload(w, Objects.checkIndex(e.module(), w.t.moduleCount), e.forced());
        } else if (event instanceof Event.LateInit) {
            lateInit(w);
        } else if (event instanceof Event.Expire) {
            expire(w);
        } else if (event instanceof Event.Advance e) {
            advance(w, e.toMicros());
        } else if (event instanceof Event.Boot) {
            w.push(Frame.BOOT, 0, 0, 0, 0, 0);
        } else if (event instanceof Event.Init) {
            w.c[Layout.FLAGS] |= Layout.F_RUNNING;
            w.log(LogRecord.Kind.INIT, -1, -1, -1);
        } else if (event instanceof Event.RegisterUnrelated) {
            Calendar.driverRegistered(w);
        } else {
            driverEvent(w, event);
        }
    }

    private static void driverEvent(Work w, Event event) {
        if (event instanceof Event.RegisterDriver e) {
            if (w.registered(Objects.checkIndex(e.driver(), w.t.driverCount))) {
                w.refuse(Errno.EEXIST.number(), "driver is registered already");
                return;
            }
            w.c[w.at.loaded + w.t.moduleOfDriver[e.driver()]] = 1;
            Modules.register(w, e.driver());
        } else if (event instanceof Event.UnregisterDriver e) {
            unregister(w, Objects.checkIndex(e.driver(), w.t.driverCount));
        } else if (event instanceof Event.Suspend) {
            w.c[Layout.FLAGS] |= Layout.F_DEFER_ALL;
            w.log(LogRecord.Kind.SUSPEND, -1, -1, -1);
        } else if (event instanceof Event.Resume) {
            w.c[Layout.FLAGS] &= ~Layout.F_DEFER_ALL;
            w.log(LogRecord.Kind.RESUME, -1, -1, -1);
            w.trigger();
        } else {
            deviceEvent(w, event);
        }
    }

    private static void deviceEvent(Work w, Event event) {
        if (event instanceof Event.Bind e) {
            Manual.bind(w, Objects.checkIndex(e.device(), w.t.deviceCount), e.driver());
        } else if (event instanceof Event.Unbind e) {
            Manual.unbind(w, Objects.checkIndex(e.device(), w.t.deviceCount));
        } else if (event instanceof Event.AddDevice e) {
            if (w.present(Objects.checkIndex(e.device(), w.t.deviceCount))) {
                w.refuse(Errno.EEXIST.number(), "device is there already");
            } else {
                Devices.add(w, e.device());
            }
        } else if (event instanceof Event.RemoveDevice e) {
            if (w.present(Objects.checkIndex(e.device(), w.t.deviceCount))) {
                Releasing.remove(w, e.device());
            } else {
                w.refuse(Errno.ENODEV.number(), "no such device");
            }
        } else if (event instanceof Event.DriverOverride e) {
            w.override(Objects.checkIndex(e.device(), w.t.deviceCount), e.driver());
        } else if (event instanceof Event.InjectFailure e) {
            int value = e.errno() == 0 ? 0 : e.driver() + 1 << 12 | e.errno() & 0xfff;
            w.inject(Objects.checkIndex(e.device(), w.t.deviceCount), value);
        } else if (event instanceof Event.RunAsync e) {
            runAsync(w, e.device());
        } else {
            throw new IllegalArgumentException("unknown event " + event);
        }
    }

    private static void answer(Work w, Event event) {
        int awaited = w.c[Layout.AWAIT];
        boolean fits;
        if (event instanceof Event.Probed e) {
            fits = awaited == Work.AWAIT_PROBE;
            w.probeAnswer = e.answer();
        } else if (event instanceof Event.Attached e) {
            fits = awaited == Work.AWAIT_ATTACH;
            w.attachAnswer = e.answer();
        } else {
            fits = awaited == Work.AWAIT_RELEASE || awaited == Work.AWAIT_REMOVE;
        }
        if (!fits) {
            throw new IllegalStateException("answer " + event + " where " + (awaited == 0 ? "none" : "another") + " is awaited");
        }
    }

    private static void load(Work w, int module) {
        if (w.loaded(module)) {
            w.refuse(Errno.EEXIST.number(), "already loaded");
        } else {
            Modules.load(w, module);
        }
    }

    private static void unload(Work w, int module, boolean forced) {
        Step.Refusal refusal = Modules.refusal(w, module);
        if (refusal != null && !(forced && refusal.errno() == Errno.EBUSY.number())) {
            w.refuse(refusal.errno(), refusal.text());
        } else {
            Modules.unload(w, module);
        }
    }

    private static void unregister(Work w, int driver) {
        if (!w.registered(driver)) {
            w.refuse(Errno.ENODEV.number(), "driver is not registered");
            return;
        }
        int module = w.t.moduleOfDriver[driver];
        boolean last = true;
        for (int r = 0; r < w.t.driverCount; r++) {
            last &= r == driver || w.t.moduleOfDriver[r] != module || !w.registered(r);
        }
        if (last) {
            w.c[w.at.loaded + module] = 0;
        }
        w.push(Frame.UNREGISTER, driver, 0, 0, 0, 0);
    }

    private static void lateInit(Work w) {
        if (w.global(Layout.F_LATE_INIT)) {
            w.refuse(Errno.EBUSY.number(), "late-init is over");
        } else if (w.t.policy.boot == Policy.BootRule.FIXPOINT) {
            w.push(Frame.XEN, 0, 0, 0, 0, 0);
        } else {
            w.push(Frame.LATE_INIT, 0, 0, 0, 0, 0);
        }
    }

    private static void expire(Work w) {
        if (w.timerDueMicros() < 0) {
            w.refuse(Errno.EINVAL.number(), "the timer is not armed");
            return;
        }
        w.wide(Layout.NOW_LOW, Math.max(w.nowMicros(), w.timerDueMicros()));
        w.push(Frame.EXPIRE, 0, 0, 0, 0, 0);
    }

    private static void advance(Work w, long to) {
        if (to < w.nowMicros()) {
            w.refuse(Errno.EINVAL.number(), "time does not go back");
            return;
        }
        w.push(Frame.ADVANCE, (int) to, (int) (to >>> 32), 0, 0, 0);
    }

    private static void runAsync(Work w, int device) {
        for (int i = 0; i < w.asyncCount; i += 2) {
            if (w.async[i] == device) {
                Devices.startAsync(w, i);
                return;
            }
        }
        w.refuse(Errno.ESRCH.number(), "no asynchronous probe of this device is in flight");
    }
}
