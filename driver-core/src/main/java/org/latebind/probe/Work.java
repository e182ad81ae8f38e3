package org.latebind.probe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A state being changed: the cells, the stack of what is still to be done, and where log and actions go. One event makes one
 * copy; everything below works in place.
 */
final class Work extends Cells {

    static final int AWAIT_PROBE = 1;
    static final int AWAIT_ATTACH = 2;
    static final int AWAIT_RELEASE = 3;
    static final int AWAIT_REMOVE = 4;

    /** Ints of one frame: kind, then five fields. */
    static final int FRAME = 6;

    /** Results of a probe, for the frame below it. */
    static final int R_BOUND = 0;
    static final int R_LINK = 1;
    static final int R_CORE = 2;
    static final int R_DRIVER = 3;
    static final int R_BUSY = 4;
    static final int R_NOTHING = 5;

    int[] stack = new int[64];
    int sp;
    int[] async = new int[8];
    int asyncCount;
    /** How often the first of the deferred list becomes its last between the passes of late-init (searches only). */
    int turns;
    int result;
    /** Answer to the awaited action, for the frame that awaits it. */
    ProbeAnswer probeAnswer;
    AttachAnswer attachAnswer;
    List<Action> actions;
    List<LogRecord> log;
    Step.Refusal refusal;
    /** Answers at once instead of being awaited; null where foreign code answers. */
    DriverModel model;
    /** What the rule said of absent IOMMUs, by what it can ask of them, while {@link #ruleFlags} and timeout stay. */
    private final AbsentRule.Verdict[] verdicts = new AbsentRule.Verdict[4];
    private int ruleFlags = -1;
    private int ruleTimeout;

    Work(Tables t) {
        super(t, new int[t.layout.size], List.of(), State.NOTHING_RARE);
    }

    /** Starts from a state. The one copy an event makes: {@link #toState} hands these cells over. */
    void take(State s) {
        c = s.c.clone();
        texts = s.texts;
        rare = s.rare;
        if (stack.length < s.frames.length + FRAME) {
            stack = new int[s.frames.length * 2];
        }
        System.arraycopy(s.frames, 0, stack, 0, s.frames.length);
        sp = s.frames.length;
        if (async.length < s.async.length) {
            async = new int[s.async.length * 2];
        }
        System.arraycopy(s.async, 0, async, 0, s.async.length);
        asyncCount = s.async.length;
        refusal = null;
    }

    /** Hands the cells over; nothing may be changed afterwards before another {@link #take}. */
    State toState() {
        if (sp == 0 && asyncCount == 0) {
            c[Layout.TRIGGERS] = 0;
        }
        if (sp == 0) {
            Reprobing.rest(this);
        }
        return new State(t, c, sp == 0 ? State.NO_FRAMES : Arrays.copyOf(stack, sp),
            asyncCount == 0 ? State.NO_FRAMES : Arrays.copyOf(async, asyncCount), texts, rare);
    }

    // ---- frames

    void push(int kind, int a, int b, int e, int f, int g) {
        if (sp + FRAME > stack.length) {
            stack = Arrays.copyOf(stack, stack.length * 2);
        }
        stack[sp] = kind;
        stack[sp + 1] = a;
        stack[sp + 2] = b;
        stack[sp + 3] = e;
        stack[sp + 4] = f;
        stack[sp + 5] = g;
        sp += FRAME;
    }

    void pop() {
        sp -= FRAME;
    }

    int field(int i) {
        return stack[sp - FRAME + i];
    }

    void set(int i, int value) {
        stack[sp - FRAME + i] = value;
    }

    // ---- flags

    void raise(int device, int flag) {
        c[at.flags + device] |= flag;
    }

    void lower(int device, int flag) {
        c[at.flags + device] &= ~flag;
    }

    void wide(int low, long value) {
        c[low] = (int) value;
        c[low + 1] = (int) (value >>> 32);
    }

    // ---- deferred lists

    void append(int list, int device) {
        requireUnlisted(device);
        int tail = c[at.prev + list];
        c[at.next + tail] = device;
        c[at.prev + device] = tail;
        c[at.next + device] = list;
        c[at.prev + list] = device;
    }

    private void requireUnlisted(int device) {
        if (listed(device)) {
            throw new IllegalStateException(t.board.devices[device].path() + " is on a deferred list already");
        }
    }

    void prepend(int list, int device) {
        requireUnlisted(device);
        int head = c[at.next + list];
        c[at.next + list] = device;
        c[at.prev + device] = list;
        c[at.next + device] = head;
        c[at.prev + head] = device;
    }

    /** Takes the device off its deferred list, if it is on one. */
    void unlist(int device) {
        if (listed(device)) {
            takeOut(device);
        }
    }

    private void takeOut(int device) {
        int n = c[at.next + device];
        int p = c[at.prev + device];
        c[at.next + p] = n;
        c[at.prev + n] = p;
        c[at.next + device] = -1;
        c[at.prev + device] = -1;
    }

    /** Puts a device at the end of the pending list unless it is on a list already. */
    boolean defer(int device) {
        if (listed(device)) {
            return false;
        }
        append(at.pending, device);
        return true;
    }

    /** Hands the whole pending list to the worker. */
    void trigger() {
        if (!global(Layout.F_ENABLED)) {
            return;
        }
        c[Layout.TRIGGERS]++;
        int first = c[at.next + at.pending];
        if (first == at.pending) {
            return;
        }
        int last = c[at.prev + at.pending];
        int tail = c[at.prev + at.active];
        c[at.next + tail] = first;
        c[at.prev + first] = tail;
        c[at.next + last] = at.active;
        c[at.prev + at.active] = last;
        c[at.next + at.pending] = at.pending;
        c[at.prev + at.pending] = at.pending;
        log(LogRecord.Kind.TRIGGER, -1, -1, -1);
    }

    /** The first of the pending list becomes its last; false when that changes nothing. */
    boolean turn() {
        int first = c[at.next + at.pending];
        if (first == at.pending || c[at.next + first] == at.pending) {
            return false;
        }
        unlist(first);
        append(at.pending, first);
        return true;
    }

    // ---- devices of a driver, in bind order

    void addToDriver(int device, int driver) {
        unlist(device);
        append(at.bound + driver, device);
        raise(device, Layout.D_ON_DRIVER);
    }

    void removeFromDriver(int device) {
        lower(device, Layout.D_ON_DRIVER);
        takeOut(device);
    }

    int lastOfDriver(int driver) {
        int last = c[at.prev + at.bound + driver];
        return last >= t.deviceCount ? -1 : last;
    }

    // ---- what is seldom

    void inject(int device, int value) {
        setRare(device, value);
    }

    void override(int device, int driver) {
        setRare(t.deviceCount + device, driver + 1);
    }

    private void setRare(int place, int value) {
        int[] changed = rare.length == 0 ? new int[2 * t.deviceCount] : rare.clone();
        changed[place] = value;
        rare = Arrays.stream(changed).allMatch(x -> x == 0) ? State.NOTHING_RARE : changed;
    }

    void lateName(int device, int number) {
        if (t.latePlace[device] >= 0) {
            c[at.extra + t.latePlace[device]] = number;
        }
    }

    // ---- links

    void relax(int link) {
        if (!linkRelaxed(link)) {
            c[at.linkBits + (link >> 4)] |= 1 << ((link & 15) << 1);
            log(LogRecord.Kind.LINK_RELAXED, t.links.consumer[link], -1, supplierOf(link));
        }
    }

    void move(int link) {
        c[at.linkBits + (link >> 4)] |= 2 << ((link & 15) << 1);
    }

    void resetLink(int link) {
        c[at.linkBits + (link >> 4)] &= ~(3 << ((link & 15) << 1));
    }

    // ---- rules

    AbsentRule.Verdict absent(int iommu) {
        int flags = c[Layout.FLAGS] & (Layout.F_INITCALLS_DONE | Layout.F_RUNNING);
        if (flags != ruleFlags || c[Layout.TIMEOUT] != ruleTimeout) {
            Arrays.fill(verdicts, null);
            ruleFlags = flags;
            ruleTimeout = c[Layout.TIMEOUT];
        }
        boolean builtin = t.iommuBuiltin[iommu];
        boolean known = t.iommuKnown[iommu];
        int key = (builtin ? 1 : 0) | (known ? 2 : 0);
        if (verdicts[key] == null) {
            AbsentRule rule = t.board.acpi ? t.policy.absentAcpi : t.policy.absent;
            verdicts[key] = rule.decide(question(builtin, known));
        }
        return verdicts[key];
    }

    AbsentRule.Verdict absentDomain() {
        return t.policy.absentPowerDomain.decide(question(false, true));
    }

    AbsentRule.Verdict absentPinController() {
        return t.policy.absentPinController.decide(question(false, true));
    }

    private AbsentRule.Question question(boolean builtin, boolean known) {
        return new AbsentRule.Question(global(Layout.F_INITCALLS_DONE), global(Layout.F_RUNNING), t.parameters.modules(), builtin,
            known, c[Layout.TIMEOUT]);
    }

    // ---- the world

    void await(int kind, int device, int other) {
        c[Layout.AWAIT] = kind;
        c[Layout.AWAIT_DEVICE] = device;
        c[Layout.AWAIT_OTHER] = other;
    }

    boolean announcing() {
        return actions != null;
    }

    void announce(Action action) {
        actions.add(action);
    }

    int intern(String text) {
        int known = t.staticTexts.getOrDefault(text, -1);
        if (known >= 0) {
            return known | Texts.STATIC;
        }
        int index = texts.indexOf(text);
        if (index < 0) {
            List<String> more = new ArrayList<>(texts);
            more.add(text);
            index = texts.size();
            texts = List.copyOf(more);
        }
        return index;
    }

    void refuse(int errno, String text) {
        refusal = new Step.Refusal(errno, text);
        log(LogRecord.Kind.REFUSED, -1, -1, errno, text);
    }

    boolean logging() {
        return log != null;
    }

    void log(LogRecord.Kind kind, int device, int driver, int other) {
        if (log != null) {
            log.add(new LogRecord(nowMicros(), kind, device, driver, other, ""));
        }
    }

    void log(LogRecord.Kind kind, int device, int driver, int other, String text) {
        if (log != null) {
            log.add(new LogRecord(nowMicros(), kind, device, driver, other, text));
        }
    }
}
