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

    private final Configuration config;
    private final ModelFactory.Surroundings env;
    private final PageWalker walker;
    private final ProtocolChecker checker;
    private final InterruptPins pins;
    private final SmmuCore[] cores;

    Smmu2Model(Configuration config, ModelFactory.Surroundings env, PageWalker walker) {
        this.config = config;
        this.env = env;
        this.walker = walker;
        checker = new ProtocolChecker(env);
        pins = new InterruptPins(env);
        boolean twin = config.variant() == Variant.NVIDIA && env.node().cells("reg").length == 8;
        cores = new SmmuCore[twin ? 2 : 1];
        powerOn();
    }

    private void powerOn() {
        for (int n = 0; n < cores.length; n++) {
            cores[n] = new SmmuCore(config, env, checker, pins, n, walker);
        }
    }

    @Override
    public void reset() {
        pins.lowerAll();
        powerOn();
    }

    @Override
    public List<RegisterWindow> windows() {
        List<RegisterWindow> windows = new ArrayList<>();
        for (int n = 0; n < cores.length; n++) {
            windows.add(new Window(n));
        }
        return windows;
    }

    @Override
    public StreamTranslator translator() {
        return this;
    }

    @Override
    public Verdict translate(int streamId, long busAddress, boolean write) {
        return coreOf(busAddress).translation().translate(streamId, busAddress, write);
    }

    @Override
    public boolean retries(int streamId, long busAddress) {
        return coreOf(busAddress).translation().retries(streamId, busAddress);
    }

    private SmmuCore coreOf(long busAddress) {
        return cores[(int) Long.remainderUnsigned(busAddress >>> 12, cores.length)];
    }

    /** The registers of whatever instance is powered now. */
    private final class Window implements RegisterWindow {
        private final int number;

        Window(int number) {
            this.number = number;
        }

        @Override
        public long sizeBytes() {
            return config.windowBytes();
        }

        @Override
        public long read(long offset, int sizeBytes) {
            return cores[number].read(offset, sizeBytes);
        }

        @Override
        public void write(long offset, int sizeBytes, long value) {
            cores[number].write(offset, sizeBytes, value);
        }
    }
}
