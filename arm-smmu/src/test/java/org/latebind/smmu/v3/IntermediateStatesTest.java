package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.latebind.devicetree.DeviceTree;
import org.latebind.iommu.Domain;
import org.latebind.iommu.DomainType;
import org.latebind.machine.BuiltInModels;
import org.latebind.machine.SimMachine;
import org.latebind.machine.memory.MemoryAllocator;
import org.latebind.machine.memory.MemoryRange;
import org.latebind.machine.memory.SparseMemory;

/**
 * What a stream's entry says in memory after every single store the driver makes, read without any cache by a decoder of our
 * own: never an illegal entry, never an open one, unless the old or the new domain is open.
 */
class IntermediateStatesTest {

    private static final int SID = 8;
    private static final long RAM = 0x4000_0000L;

    private final ObservedMemory memory = new ObservedMemory(new SparseMemory(RAM, 0x4000_0000L));
    private final Rig rig = rig();

    private Rig rig() {
        DeviceTree tree = Rig.virt();
        Map<String, String> options = new HashMap<>(Rig.LIKE_QEMU);
        options.put("smmu3.idr0", "0x0d44101b");
        SimMachine shape = SimMachine.of(tree, BuiltInModels.factories(), options);
        SimMachine machine = new SimMachine(shape.layout(), memory,
                new MemoryAllocator(memory, List.of(new MemoryRange(RAM, 0x1000_0000L))), BuiltInModels.factories(), options);
        return new Rig(machine, tree, () -> { });
    }

    /** What the tables say of the stream, in one word. */
    private String view() {
        long base = rig.device.registers(0).read64(0x80) & 0xf_ffff_ffff_ffc0L;
        long level1 = memory.read64(base + 8L * (SID >> 8));
        if ((level1 & 0x1f) == 0) {
            return "no entry";
        }
        long entry = (level1 & 0xf_ffff_ffff_ffc0L) + 64L * (SID & 0xff);
        long word0 = memory.read64(entry);
        int config = (int) (word0 >>> 1) & 7;
        if ((word0 & 1) == 0) {
            return "ILLEGAL";
        }
        return switch (config) {
            case 0, 1, 2, 3 -> "abort";
            case 4 -> "bypass";
            case 5 -> context(word0);
            case 6 -> "stage 2 " + Long.toHexString(memory.read64(entry + 24));
            default -> context(word0) + " in stage 2 " + Long.toHexString(memory.read64(entry + 24));
        };
    }

    private String context(long word0) {
        long cd = word0 & 0xf_ffff_ffff_ffc0L;
        long low = memory.read64(cd);
        boolean legal = (low >>> 31 & 1) != 0 && (low >>> 41 & 1) != 0 && (low >>> 46 & 1) != 0;
        return legal ? "stage 1, ASID " + (low >>> 48) + " at " + Long.toHexString(memory.read64(cd + 8)) : "ILLEGAL context";
    }

    @Test
    void attachingDomainsInAnyOrderShowsOnlyTheOldTheNewOrAnAbort() {
        rig.load(Settings.DEFAULT);
        RigClient client = rig.client(SID);
        List<Domain> domains = new ArrayList<>();
        for (DomainType type : new DomainType[] {DomainType.DMA, DomainType.DMA, DomainType.IDENTITY, DomainType.BLOCKED}) {
            domains.add(rig.ops().allocate(type, client));
        }
        Random random = new Random(1);
        Set<String> seen = new HashSet<>();
        Domain current = null;
        for (int i = 0; i < 400; i++) {
            String before = view();
            List<String> states = new ArrayList<>();
            memory.observe(address -> states.add(view()));
            if (current != null && random.nextInt(4) == 0) {
                current.detach(client);
                current = null;
            } else {
                current = domains.get(random.nextInt(domains.size()));
                assertThat(current.attach(client)).isNull();
            }
            memory.observe(address -> { });
            assertThat(states).as("step %d", i).allMatch(s -> s.equals(before) || s.equals(view()) || s.equals("abort"));
            seen.addAll(states);
        }
        assertThat(seen).contains("abort", "bypass").anyMatch(s -> s.startsWith("stage 1"));
        assertThat(rig.rules()).isEmpty();
    }

    @Test
    void theTableIsAllAbortBeforeTheHardwareCanReachIt() {
        rig.load(Settings.DEFAULT);
        List<String> states = new ArrayList<>();
        memory.observe(address -> states.add(view()));
        rig.client(SID);
        assertThat(states).isNotEmpty().allMatch(s -> s.equals("no entry") || s.equals("abort"));
    }
}
