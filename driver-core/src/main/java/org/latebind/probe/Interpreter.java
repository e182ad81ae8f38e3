package org.latebind.probe;

/** Runs the unfinished work until there is none, or an answer from outside is needed. */
final class Interpreter {

    private Interpreter() {
    }

    static void run(Work w) {
        while (w.c[Layout.AWAIT] == 0) {
            if (w.sp > 0) {
                step(w);
            } else if (w.asyncCount > 0 && !w.t.parameters.asyncChoice()) {
                Devices.startAsync(w, 0);
            } else if (!Calendar.work(w)) {
                return;
            }
        }
    }

    /** Goes on after an answer; the awaiting frame is on top. */
    static void resume(Work w) {
        w.c[Layout.AWAIT] = 0;
        run(w);
        if (w.c[Layout.AWAIT] == 0) {
            w.c[Layout.AWAIT_DEVICE] = 0;
            w.c[Layout.AWAIT_OTHER] = 0;
        }
    }

    private static void step(Work w) {
        switch (w.field(0)) {
            case Frame.PROBE -> Probing.step(w);
            case Frame.ATTACH -> Devices.stepAttach(w);
            case Frame.WALK -> Modules.stepWalk(w);
            case Frame.LOAD -> Modules.stepLoad(w);
            case Frame.BOOT -> Modules.boot(w);
            case Frame.FLUSH -> Calendar.flush(w);
            case Frame.LATE_INIT -> Calendar.lateInit(w);
            case Frame.EXPIRE -> Calendar.expire(w);
            case Frame.ADVANCE -> Calendar.advance(w);
            case Frame.UNBIND -> Releasing.step(w);
            case Frame.REMOVE -> Releasing.stepRemove(w);
            case Frame.CHILDREN -> Devices.children(w);
            case Frame.ADD -> Devices.stepAdd(w);
            case Frame.REGISTER -> Registration.step(w);
            case Frame.UNLOAD -> Modules.stepUnload(w);
            case Frame.UNREGISTER -> Modules.stepUnregister(w);
            case Frame.XEN -> XenBoot.step(w);
            case Frame.MANUAL -> Manual.step(w);
            case Frame.CREATE -> Devices.createAll(w);
            case Frame.ROLLBACK -> Registration.rollback(w);
            case Frame.LEGACY_SYNC -> Registration.legacySync(w);
            case Frame.ASYNC -> Devices.stepAsync(w);
            default -> throw new IllegalStateException("unknown frame " + w.field(0));
        }
    }
}
