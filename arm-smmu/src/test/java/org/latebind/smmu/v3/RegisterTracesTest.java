package org.latebind.smmu.v3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.DmaResult.Kind;
import org.latebind.iommu.GuestStage1;
import org.latebind.iommu.NestedDomain;
import org.latebind.iommu.PagingDomain;
import org.latebind.iommu.Protection;
import org.latebind.pagetable.Gather;

/**
 * The driver's accesses to the registers and its commands, as stored text: {@code W} and {@code R} with register and value,
 * {@code C} for a command, when its doorbell rings. Addresses, which depend on the allocator, stand as {@code @}.
 * {@code -Dlatebind.golden.update=true} writes the texts anew.
 */
class RegisterTracesTest {

    private static final Path FOLDER = Path.of("src/test/resources/v3");
    private static final int SID = 8;
    private static final Map<Long, String> NAMES = Map.ofEntries(Map.entry(0x00L, "IDR0"), Map.entry(0x04L, "IDR1"),
            Map.entry(0x0cL, "IDR3"), Map.entry(0x14L, "IDR5"), Map.entry(0x18L, "IIDR"),
            Map.entry(0x20L, "CR0"), Map.entry(0x24L, "CR0ACK"),
            Map.entry(0x28L, "CR1"), Map.entry(0x2cL, "CR2"), Map.entry(0x44L, "GBPA"), Map.entry(0x50L, "IRQ_CTRL"),
            Map.entry(0x54L, "IRQ_CTRL_ACK"), Map.entry(0x60L, "GERROR"), Map.entry(0x64L, "GERRORN"),
            Map.entry(0x68L, "GERROR_IRQ_CFG0"), Map.entry(0x80L, "STRTAB_BASE"), Map.entry(0x88L, "STRTAB_BASE_CFG"),
            Map.entry(0x90L, "CMDQ_BASE"), Map.entry(0x98L, "CMDQ_PROD"), Map.entry(0x9cL, "CMDQ_CONS"),
            Map.entry(0xa0L, "EVENTQ_BASE"), Map.entry(0xb0L, "EVENTQ_IRQ_CFG0"), Map.entry(0x100a8L, "EVENTQ_PROD"),
            Map.entry(0x100acL, "EVENTQ_CONS"));
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

    private final List<String> lines = new ArrayList<>();
    private int producer;
    private long queueBase;

    private Rig traced(Map<String, String> options) {
        Rig rig = Rig.model(options);
        rig.sim().addListener((path, window, offset, write, value) -> access(rig, offset, write, value));
        return rig;
    }

    private void access(Rig rig, long offset, boolean write, long value) {
        if (offset == 0x98 && write) {
            commands(rig, (int) value);
        }
        if (offset == 0x90 && write) {
            queueBase = value & 0xf_ffff_ffff_ffe0L;
        }
        boolean base = offset == 0x80 || offset == 0x90 || offset == 0xa0;
        String shown = base ? "0x" + Long.toHexString(value & ~ADDRESS) + " | @" : "0x" + Long.toHexString(value);
        lines.add((write ? "W " : "R ") + NAMES.getOrDefault(offset, "0x" + Long.toHexString(offset)) + " " + shown);
    }

    private void commands(Rig rig, int upTo) {
        while (upTo != 0 && producer != upTo) {
            long at = queueBase + 16L * producer++;
            lines.add(String.format("C 0x%016x 0x%016x", rig.machine.memory().read64(at), rig.machine.memory().read64(at + 8)));
        }
    }

    private void golden(String name, List<String> actual) throws IOException {
        Path file = FOLDER.resolve(name + ".txt");
        if (Boolean.getBoolean("latebind.golden.update")) {
            Files.write(file, actual);
        }
        assertThat(actual).as(file.toString()).containsExactlyElementsOf(Files.readAllLines(file));
    }

    private List<String> take() {
        List<String> taken = new ArrayList<>(lines);
        lines.clear();
        return taken;
    }

    @Test
    void resetAttachFaultDetachUnload() throws IOException {
        Rig rig = traced(Rig.LIKE_QEMU);
        rig.load(Settings.DEFAULT);
        golden("reset", take());
        RigClient client = rig.client(SID);
        golden("client", take());
        PagingDomain domain = rig.attach(client);
        golden("attach", take());
        domain.map(0x1000, 0x7000_0000L, 0x1000, 3, Protection.READ | Protection.WRITE);
        assertThat(take()).as("a new mapping needs no invalidation").isEmpty();
        assertThat(rig.master(SID).read(0, 0x9000, new byte[4]).kind()).isEqualTo(Kind.FAULT);
        golden("fault", take());
        Gather gather = new Gather();
        domain.unmap(0x1000, 0x1000, 3, gather);
        domain.sync(gather);
        golden("unmap", take());
        domain.detach(client);
        golden("detach", take());
        domain.close();
        rig.ops().release(client);
        golden("free", take());
        rig.unload();
        golden("unload", take());
        assertThat(rig.rules()).isEmpty();
    }

    /** Stage 2 of ours, a guest's stage 1 on it, a page taken away below it, and all of it back. */
    @Test
    void aGuestsStageOneOnOurStageTwo() throws IOException {
        Map<String, String> options = new HashMap<>(Rig.LIKE_QEMU);
        options.put("smmu3.idr0", "0x0d44101b");
        Rig rig = traced(options);
        rig.load(Settings.DEFAULT);
        RigClient client = rig.client(SID);
        take();
        PagingDomain parent = rig.ops().allocateNestingParent(client);
        parent.map(0x1000_0000L, 0x7000_0000L, 0x1000, 16, Protection.READ | Protection.WRITE);
        NestedDomain nested = rig.ops().allocateNested(parent, new GuestStage1.ContextDescriptor(0x1000_0000L));
        nested.attach(client);
        nested.contextChanged();
        nested.invalidate(0x4000_0000L, 0x2000, 0x1000);
        Gather gather = new Gather();
        parent.unmap(0x1000_4000L, 0x1000, 1, gather);
        parent.sync(gather);
        nested.detach(client);
        nested.close();
        parent.close();
        golden("nested", take());
        assertThat(rig.rules()).isEmpty();
    }
}
