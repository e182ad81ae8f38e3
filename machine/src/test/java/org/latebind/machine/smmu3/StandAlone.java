package org.latebind.machine.smmu3;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.latebind.driver.DeviceProperties;
import org.latebind.hardware.ExternalAbortException;
import org.latebind.hardware.Finding;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.RegisterWindow;
import org.latebind.machine.Verdict;
import org.latebind.machine.memory.SparseMemory;

/** An SMMUv3 model with nothing around it but memory and four wires. */
final class StandAlone implements ModelFactory.Surroundings {

    private static final int PAGE = 4096;
    private static final List<String> LINES = List.of("eventq", "priq", "cmdq-sync", "gerror");

    final List<Finding> findings = new ArrayList<>();
    final TreeSet<String> pulsed = new TreeSet<>();
    private final PhysicalMemory memory;
    private final Map<String, String> options;
    private final ModelFactory.Model model;
    private Verdict lastVerdict;

    StandAlone(long ramBase, long ramSize, Map<String, String> options) {
        this.memory = new SparseMemory(ramBase, ramSize);
        this.options = options;
        this.model = new SmmuV3ModelFactory().create(this);
    }

    RegisterWindow registers() {
        return model.windows().get(0);
    }

    void write(long offset, long value) {
        registers().write(offset, 4, value);
    }

    int read(long offset) {
        return (int) registers().read(offset, 4);
    }

    Verdict translate(int sid, long address, boolean write) {
        lastVerdict = model.translator().translate(sid, address, write);
        return lastVerdict;
    }

    Verdict translate(int sid, int substream, long address, boolean write) {
        return model.translator().translate(sid, substream, address, write);
    }

    boolean retries(int sid, long address) {
        return model.translator().retries(sid, address);
    }

    /** What was said of the last access. */
    Verdict lastVerdict() {
        return lastVerdict;
    }

    /** A transfer, page by page; the part before a refused page is done. */
    boolean transfer(int sid, long iova, byte[] data, boolean write) {
        for (int done = 0; done < data.length;) {
            long address = iova + done;
            int piece = (int) Math.min(data.length - done, PAGE - (address & PAGE - 1));
            Verdict verdict = translate(sid, address, write);
            switch (verdict.kind()) {
                case TRANSLATED, UNTRANSLATED -> { }
                case FAULT, BLOCKED, EXTERNAL_ABORT -> {
                    return false;
                }
            }
            try {
                if (write) {
                    memory.write(verdict.physicalAddress(), data, done, piece);
                } else {
                    memory.read(verdict.physicalAddress(), data, done, piece);
                }
            } catch (ExternalAbortException e) {
                return false;
            }
            done += piece;
        }
        return true;
    }

    void powerCycle() {
        model.reset();
    }

    List<String> rules() {
        return findings.stream().map(Finding::rule).distinct().toList();
    }

    @Override
    public DeviceProperties node() {
        return new Node();
    }

    @Override
    public List<DeviceProperties> findCompatible(String compatible) {
        return List.of();
    }

    @Override
    public ModelFactory.Model model(String path) {
        return null;
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public int interruptCount() {
        return LINES.size();
    }

    @Override
    public void interrupt(int index, boolean raised) {
        if (raised) {
            pulsed.add(LINES.get(index));
        }
    }

    @Override
    public long nanos() {
        return 0;
    }

    @Override
    public void report(Finding finding) {
        findings.add(finding);
    }

    @Override
    public String option(String name, String fallback) {
        return options.getOrDefault(name, fallback);
    }

    /** The node of the unit under test. */
    private static final class Node implements DeviceProperties {

        @Override
        public String path() {
            return "/smmuv3@9050000";
        }

        @Override
        public boolean has(String property) {
            return "dma-coherent".equals(property);
        }

        @Override
        public byte[] bytes(String property) {
            return null;
        }

        @Override
        public int[] cells(String property) {
            return new int[0];
        }

        @Override
        public List<String> strings(String property) {
            return "interrupt-names".equals(property) ? LINES : List.of();
        }

        @Override
        public boolean available() {
            return true;
        }
    }
}
