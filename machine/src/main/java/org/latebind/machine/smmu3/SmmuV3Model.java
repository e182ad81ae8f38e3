package org.latebind.machine.smmu3;

import java.util.List;
import org.latebind.hardware.DmaResult;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.RegisterWindow;
import org.latebind.machine.StreamTranslator;
import org.latebind.machine.Verdict;

/** One SMMUv3: wires its parts together and judges transactions (Arm IHI 0070, section 3.4). */
final class SmmuV3Model implements ModelFactory.Model, StreamTranslator, Registers.Reactions {

    private static final int NO_SUBSTREAM = -1;

    private final Hardware hardware;
    private final Registers registers;
    private final Caches caches;
    private final Stalls stalls = new Stalls();
    private final CommandQueue commands;
    private final EventQueue events;
    private final Configuration configuration;
    private final Stage1 stage1;
    private final Stage2 stage2;

    SmmuV3Model(ModelFactory.Surroundings surroundings) {
        hardware = new Hardware(surroundings);
        registers = new Registers(hardware);
        caches = new Caches(Boolean.parseBoolean(surroundings.option("smmu3.joint-configuration-cache", "false")));
        commands = new CommandQueue(registers, hardware, caches, stalls);
        events = new EventQueue(registers, hardware);
        stage2 = new Stage2(hardware, caches);
        stage1 = new Stage1(hardware, caches, stage2);
        configuration = new Configuration(registers, hardware, caches, stage2);
        registers.reactions(this);
    }

    @Override
    public List<RegisterWindow> windows() {
        return List.of(registers);
    }

    @Override
    public StreamTranslator translator() {
        return this;
    }

    @Override
    public void reset() {
        registers.reset();
        caches.reset();
        stalls.clear();
    }

    @Override
    public void consumeCommands() {
        commands.consume();
    }

    @Override
    public void streamTableMoved() {
        caches.streamTableMoved();
    }

    @Override
    public void translationEnabled() {
        if (!caches.configurationClean() || !caches.translationsClean()) {
            hardware.complain("smmu3-enabled-with-unknown-caches", "SMMUEN set without CMD_CFGI_ALL and"
                    + " CMD_TLBI_NSNH_ALL for this stream table");
        }
    }

    @Override
    public Verdict translate(int streamId, long busAddress, boolean write) {
        return judge(streamId, NO_SUBSTREAM, busAddress, write);
    }

    @Override
    public Verdict translate(int streamId, int substreamId, long busAddress, boolean write) {
        return judge(streamId, substreamId, busAddress, write);
    }

    @Override
    public boolean retries(int streamId, long busAddress) {
        return stalls.takeRetry(streamId, busAddress);
    }

    private Verdict judge(int streamId, int substream, long busAddress, boolean write) {
        if (!registers.enabled(Registers.SMMUEN)) {
            return registers.abortsWhenDisabled()
                    ? new Verdict(DmaResult.Kind.BLOCKED, busAddress, "SMMU disabled, GBPA.ABORT")
                    : Verdict.untranslated(busAddress, "SMMU disabled");
        }
        Configuration.Found found = configuration.find(streamId, substream, busAddress, write);
        if (found.fault() != null) {
            return fault(streamId, substream, found.fault(), busAddress);
        }
        StreamTableEntry ste = found.ste();
        if (ste.aborts()) {
            return new Verdict(DmaResult.Kind.BLOCKED, busAddress, "STE abort");
        }
        if (ste.bypasses() || found.cd() == null && !ste.stage2()) {
            return Verdict.untranslated(busAddress, ste.bypasses() ? "STE bypass" : "S1DSS bypass");
        }
        WalkResult result = found.cd() != null ? stage1.translate(ste, found.cd(), busAddress, write)
                : secondStage(ste, busAddress, write);
        return result instanceof WalkResult.Leaf leaf ? Verdict.translated(leaf.output())
                : translationFault(streamId, substream, found, ((WalkResult.Stop) result).fault(), busAddress);
    }

    private WalkResult secondStage(StreamTableEntry ste, long address, boolean write) {
        WalkResult result = stage2.translate(ste, address, write);
        return result instanceof WalkResult.Stop stop
                ? new WalkResult.Stop(stop.fault().forInput(address, write, Fault.CLASS_INPUT, ste.s2Records())) : result;
    }

    /** A fault of translation ends the transaction, or holds it when the configuration of the stage that faulted says so. */
    private Verdict translationFault(int sid, int substream, Configuration.Found found, Fault fault, long busAddress) {
        boolean stall = fault.mayStall() && (fault.ofStage2() ? found.ste().s2Stalls() : found.cd() != null && found.cd().stalls());
        int tag = stall ? stalls.hold(sid, busAddress) : -1;
        if (tag < 0) {
            return fault(sid, substream, fault, busAddress);
        }
        if (!events.record(sid, substream, fault.stalled(tag))) {
            // Nobody would ever hear of it.
            stalls.resume(sid, tag, false);
            return new Verdict(DmaResult.Kind.FAULT, busAddress, fault.label() + ", terminated: no room for the event");
        }
        return new Verdict(DmaResult.Kind.FAULT, busAddress, fault.label() + ", stalled, stream " + Hardware.hex(sid));
    }

    private Verdict fault(int sid, int substream, Fault fault, long busAddress) {
        events.record(sid, substream, fault);
        return new Verdict(DmaResult.Kind.FAULT, busAddress, fault.label() + ", stream " + Hardware.hex(sid));
    }
}
