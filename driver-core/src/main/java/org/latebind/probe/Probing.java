package org.latebind.probe;

import org.latebind.driver.Errno;

/** A probe from its first check to bound or unwound ({@code really_probe}; driver-core sheet, sections 1.2 and 2). */
final class Probing {

    private static final int ATTACHED = 0;
    private static final int ANSWERED = 1;
    private static final int REGISTERED = 2;
    private static final int FINISH = 3;
    private static final int UNWIND = 4;
    private static final ProbeAnswer INJECTED_DEFERRAL = new ProbeAnswer.Deferred("what an injected EPROBE_DEFER stands for", "");

    private Probing() {
    }

    /** Probes as far as it goes without others; what is unfinished then stands on the stack. */
    static void start(Work w, int device, int driver, boolean byHand) {
        w.push(Frame.PROBE, device, driver, w.c[Layout.TRIGGERS], ATTACHED, byHand ? 1 : 0);
        check(w, device, driver);
    }

    static void step(Work w) {
        int device = w.field(1);
        int driver = w.field(2);
        switch (w.field(4)) {
            case ATTACHED -> attached(w, device, driver, w.c[Layout.AWAIT_OTHER]);
            case ANSWERED -> answered(w, device, driver);
            case REGISTERED -> registered(w, device, driver);
            case UNWIND -> unwind(w, device, driver);
            default -> bound(w, device, driver);
        }
    }

    private static void phase(Work w, int phase) {
        w.set(4, phase);
    }

    private static void check(Work w, int device, int driver) {
        if (!w.present(device) || w.c[w.at.driver + device] >= 0) {
            w.result = Work.R_BUSY;
            w.pop();
            return;
        }
        w.raise(device, Layout.D_CAN_MATCH);
        if (w.global(Layout.F_DEFER_ALL)) {
            w.c[w.at.cause + device] = Cause.SUSPENDED.with(0);
            deferred(w, device, driver, Work.R_CORE);
            return;
        }
        int link = Links.missing(w, device);
        if (link >= 0) {
            int cause = (Links.waitsForNode(w, link) ? Cause.NODE : Cause.LINK).with(link);
            w.c[w.at.cause + device] = cause;
            w.c[w.at.reason + device] = cause;
            deferred(w, device, driver, Work.R_LINK);
            return;
        }
        w.c[w.at.driver + device] = driver;
        w.raise(device, Layout.D_PROBING);
        w.lower(device, Layout.D_FAILED);
        w.log(LogRecord.Kind.ATTEMPT, device, driver, -1);
        int pins = Pins.missing(w, device);
        if (pins >= 0 && w.absentPinController() == AbsentRule.Verdict.DEFER) {
            w.c[w.at.cause + device] = Cause.PIN_WAIT.with(pins);
            release(w, device);
            deferred(w, device, driver, Work.R_CORE);
            return;
        }
        if (w.t.pinsBroken[device]) {
            driverFailed(w, device, driver, Errno.EINVAL.number(), "names pins that do not exist");
            w.result = Work.R_CORE;
            return;
        }
        dma(w, device, driver);
    }

    private static void dma(Work w, int device, int driver) {
        int answer = DmaSetup.ask(w, device);
        if (answer == DmaSetup.WAIT) {
            release(w, device);
            deferred(w, device, driver, Work.R_CORE);
        } else if (answer == DmaSetup.GO_ON) {
            askDriver(w, device, driver);
        } else if (w.model != null) {
            w.attachAnswer = w.model.attach(w, device, answer);
            attached(w, device, driver, answer);
        } else {
            phase(w, ATTACHED);
            w.await(Work.AWAIT_ATTACH, device, answer);
        }
    }

    private static void attached(Work w, int device, int driver, int iommu) {
        Registration.attachAnswered(w, device, iommu);
        askDriver(w, device, driver);
    }

    private static void askDriver(Work w, int device, int driver) {
        if (comesTooLate(w, driver)) {
            driverFailed(w, device, driver, Errno.ENXIO.number(), "the driver takes only what is there when it registers");
            return;
        }
        int node = w.t.board.devices[device].powerDomain();
        if (node >= 0 && w.t.policy.powerDomains && !w.t.board.nodeEarly[node] && !domainReady(w, node)) {
            domainAbsent(w, device, driver, node);
            return;
        }
        int inject = w.injected(device);
        if (inject != 0 && (inject >> 12 == 0 || inject >> 12 == driver + 1)) {
            injected(w, device, driver, inject & 0xfff);
            return;
        }
        if (w.model != null) {
            w.probeAnswer = w.model.probe(w, device, driver);
            answered(w, device, driver);
        } else {
            phase(w, ANSWERED);
            w.await(Work.AWAIT_PROBE, device, driver);
        }
    }

    /** A driver of the kind of platform_driver_probe binds in its registration's walk and never again (section 1.5). */
    private static boolean comesTooLate(Work w, int driver) {
        if (!w.t.drivers[driver].deferBecomesError()) {
            return false;
        }
        for (int at = 0; at < w.sp; at += Work.FRAME) {
            if (w.stack[at] == Frame.WALK && w.stack[at + 1] == driver) {
                return false;
            }
        }
        return true;
    }

    /** The power domain is attached inside the bus's probe: what waits there waits as if its driver did (section 2, step 9). */
    private static void domainAbsent(Work w, int device, int driver, int node) {
        AbsentRule.Verdict verdict = w.absentDomain();
        if (verdict == AbsentRule.Verdict.DEFER && w.t.drivers[driver].deferBecomesError()) {
            driverFailed(w, device, driver, Errno.ENXIO.number(), "power domain not ready");
        } else if (verdict == AbsentRule.Verdict.DEFER) {
            w.c[w.at.cause + device] = Cause.DOMAIN_WAIT.with(node);
            release(w, device);
            deferred(w, device, driver, Work.R_DRIVER);
        } else {
            w.c[w.at.cause + device] = Cause.DOMAIN_TIMED_OUT.with(node);
            failed(w, device, driver, verdict == AbsentRule.Verdict.TIMED_OUT ? Errno.ETIMEDOUT.number()
                : Errno.ENODEV.number(), "power domain supplier given up");
        }
    }

    private static void injected(Work w, int device, int driver, int errno) {
        if (errno == Errno.EPROBE_DEFER.number()) {
            w.probeAnswer = INJECTED_DEFERRAL;
            answered(w, device, driver);
        } else {
            driverFailed(w, device, driver, errno, "injected failure");
        }
    }

    private static boolean domainReady(Work w, int node) {
        for (int n = node; n >= 0; n = w.t.board.nodeParent[n]) {
            int device = w.t.board.nodeDevice[n];
            if (device >= 0) {
                return w.held(device) || w.t.driversOfDevice[device].length == 0 && w.t.parameters.unknownSuppliersReady();
            }
        }
        return w.t.parameters.unknownSuppliersReady();
    }

    private static void answered(Work w, int device, int driver) {
        ProbeAnswer answer = w.probeAnswer;
        if (answer instanceof ProbeAnswer.Bound b) {
            w.set(5, w.field(5) | (b.createsChildren() ? 2 : 0));
            if (b.iommu() && w.t.board.iommuOfDevice[device] >= 0) {
                int errno = Registration.start(w, device, driver, b.unattached());
                if (errno != 0) {
                    int cause = w.c[w.at.cause + device];
                    failed(w, device, driver, errno, "IOMMU not registered");
                    w.c[w.at.cause + device] = cause;
                    return;
                }
                w.result = Work.R_BOUND;
                phase(w, REGISTERED);
                Registration.walk(w, w.t.board.iommuOfDevice[device], device);
            } else {
                w.result = Work.R_BOUND;
                registered(w, device, driver);
            }
        } else if (answer instanceof ProbeAnswer.Deferred d) {
            if (w.t.drivers[driver].deferBecomesError()) {
                driverFailed(w, device, driver, Errno.ENXIO.number(), d.reason());
                return;
            }
            driverDeferred(w, device, driver, d);
        } else if (answer instanceof ProbeAnswer.Failed f) {
            driverFailed(w, device, driver, f.errno(), f.text());
        }
    }

    private static void driverDeferred(Work w, int device, int driver, ProbeAnswer.Deferred d) {
        int cause = Cause.DRIVER_DEFERRED.with(Texts.number(w, device, d));
        w.c[w.at.cause + device] = Reprobing.exhausted(w, device) ? Cause.REPROBE_LOOP.with(Cause.argument(cause)) : cause;
        if (!d.reason().isEmpty()) {
            w.c[w.at.reason + device] = cause;
        }
        if (Reprobing.creates(w, device, driver)) {
            phase(w, UNWIND);
            w.push(Frame.CHILDREN, device, 0, driver, 0, 0);
        } else {
            unwind(w, device, driver);
        }
    }

    /** The devices that a probe created before it deferred go, last one first; then it has deferred. */
    private static void unwind(Work w, int device, int driver) {
        int[] children = w.t.childrenOf[device];
        for (int i = w.field(4) == UNWIND ? children.length - 1 : -1; i >= 0; i--) {
            if (w.present(children[i])) {
                Releasing.remove(w, children[i]);
                return;
            }
        }
        release(w, device);
        deferred(w, device, driver, Work.R_DRIVER);
    }

    private static void registered(Work w, int device, int driver) {
        if (w.result != Work.R_BOUND) {
            int cause = w.c[w.at.cause + device];
            failed(w, device, driver, Errno.EINVAL.number(), "a client spoiled the registration of the IOMMU");
            w.c[w.at.cause + device] = cause;
            return;
        }
        if ((w.field(5) & 2) != 0 && w.t.childrenOf[device].length > 0) {
            phase(w, FINISH);
            w.push(Frame.CHILDREN, device, 0, driver, 0, 0);
        } else {
            bound(w, device, driver);
        }
    }

    private static void bound(Work w, int device, int driver) {
        w.lower(device, Layout.D_PROBING | Layout.D_FORCED_OFF | Layout.D_FAILED);
        w.addToDriver(device, driver);
        Links.supplierBound(w, device);
        w.c[w.at.reason + device] = 0;
        w.log(LogRecord.Kind.BOUND, device, driver, -1);
        w.trigger();
        w.result = Work.R_BOUND;
        w.pop();
        Reprobing.bound(w);
    }

    private static void release(Work w, int device) {
        w.c[w.at.driver + device] = -1;
        w.lower(device, Layout.D_PROBING);
    }

    private static void deferred(Work w, int device, int driver, int result) {
        boolean byHand = (w.field(5) & 1) != 0;
        int before = w.field(3);
        w.result = result;
        w.pop();
        if (byHand) {
            return;
        }
        w.defer(device);
        w.lower(device, Layout.D_FORCED_OFF | Layout.D_FAILED);
        Registration.missed(w, device);
        w.log(LogRecord.Kind.DEFERRED, device, driver, -1);
        if (w.c[Layout.TRIGGERS] != before && !w.global(Layout.F_DEFER_ALL) && Reprobing.again(w, device, driver)) {
            w.trigger();
        }
    }

    private static void driverFailed(Work w, int device, int driver, int errno, String text) {
        w.c[w.at.cause + device] = Cause.DRIVER_FAILED.with(errno | driver << 12);
        failed(w, device, driver, errno, text);
    }

    private static void failed(Work w, int device, int driver, int errno, String text) {
        release(w, device);
        w.raise(device, Layout.D_FAILED);
        w.lower(device, Layout.D_FORCED_OFF);
        w.result = Work.R_DRIVER;
        w.pop();
        Registration.missed(w, device);
        w.log(LogRecord.Kind.FAILED, device, driver, errno, text);
    }
}
