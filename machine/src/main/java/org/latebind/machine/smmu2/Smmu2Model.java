package org.latebind.machine.smmu2;

import java.util.ArrayList;
import java.util.List;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.RegisterWindow;
import org.latebind.machine.StreamTranslator;
import org.latebind.machine.Verdict;

/**
 * One SMMU of version 1 or 2. A node with two register windows (NVIDIA) is two instances that share the traffic by
 * address, 4 KiB in turn, so that both must be programmed alike.
 */
final class Smmu2Model implements ModelFactory.Model, StreamTranslator {

    private final List<SmmuCore> cores = new ArrayList<>();

    Smmu2Model(Configuration config, ModelFactory.Surroundings env, PageWalker walker) {
        ProtocolChecker checker = new ProtocolChecker(env);
        InterruptPins pins = new InterruptPins(env);
        int instances = config.variant() == Variant.NVIDIA && env.node().cells("reg").length == 8 ? 2 : 1;
        for (int n = 0; n < instances; n++) {
            cores.add(new SmmuCore(config, env, checker, pins, n, walker));
        }
    }

    @Override
    public List<RegisterWindow> windows() {
        return List.copyOf(cores);
    }

    @Override
    public StreamTranslator translator() {
        return this;
    }

    @Override
    public Verdict translate(int streamId, long busAddress, boolean write) {
        SmmuCore core = cores.get((int) Long.remainderUnsigned(busAddress >>> 12, cores.size()));
        return core.contexts().translation().translate(streamId, busAddress, write);
    }
}
