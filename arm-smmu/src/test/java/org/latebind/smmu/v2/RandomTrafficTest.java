package org.latebind.smmu.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.dma.DmaApi;
import org.latebind.dma.DmaApi.Direction;
import org.latebind.dma.DmaFacts;
import org.latebind.dma.DmaFactory;
import org.latebind.dma.DmaSpace;
import org.latebind.hardware.DmaMaster;
import org.latebind.hardware.DmaResult.Kind;

/**
 * Goal: whatever is mapped and unmapped in whatever order, a master reaches exactly what is mapped for it at that moment.
 * Method: two masters, random maps, unmaps, attaches and transfers through the DMA API on a TLB that forgets nothing by itself;
 * the oracle is the list of live mappings.
 */
class RandomTrafficTest {

    private static final String SMMU = "/iommu@2b400000";
    private static final String[] MASTERS = {"/dma@10000000", "/dma@10010000"};
    private static final int[] LENGTHS = {64, 4096, 5000, 0x10000, 0x200000, 0x201000};

    private record Mapping(long address, long physical, int length, Direction direction) {
    }

    private static final class Party {
        final String path;
        final List<Mapping> live = new ArrayList<>();
        DmaApi dma;
        Mapping last;

        Party(String path) {
            this.path = path;
        }
    }

    @ParameterizedTest
    @CsvSource({"'arm,mmu-400', 0", "'arm,mmu-401', 0", "'arm,mmu-500', 0", "'arm,mmu-500', 2", "'arm,smmu-v2', 1",
        "'nvidia,smmu-500', 0"})
    void everyTransferMeetsExactlyTheLiveMappings(String hardware, int forceStage) {
        long seed = Long.getLong("latebind.seed", 2026L);
        Random random = new Random(seed);
        TestBoard board = TestBoard.of(TestBoard.smmu("\"" + hardware + "\"", 0x20000, 1, 8, "") + """
                dma@10000000 { compatible = "test,dma"; iommus = <&smmu 0x10>; };
                dma@10010000 { compatible = "test,dma"; iommus = <&smmu 0x20>; };
                """, Map.of("smmu2.sync-nanos", "3000"), new Parameters(true, forceStage, false, false));
        board.probe(SMMU);
        Party[] parties = {new Party(MASTERS[0]), new Party(MASTERS[1])};
        for (Party party : parties) {
            attach(board, party);
        }
        int transfers = 0;
        for (int step = 0; step < 4000; step++) {
            Party party = parties[random.nextInt(2)];
            String where = hardware + ", seed " + seed + ", step " + step;
            int action = random.nextInt(100);
            if (action < 30 && party.live.size() < 30) {
                map(board, party, random);
            } else if (action < 55 && !party.live.isEmpty()) {
                party.last = party.live.remove(random.nextInt(party.live.size()));
                party.dma.unmap(party.last.address, party.last.length, party.last.direction, 0);
                expectRefused(board, party, where);
            } else if (action == 99) {
                party.live.forEach(m -> party.dma.unmap(m.address, m.length, m.direction, 0));
                party.live.clear();
                board.core.release(board.client(party.path));
                attach(board, party);
            } else if (!party.live.isEmpty()) {
                transfer(board, party, random, where);
                transfers++;
            }
        }
        assertThat(transfers).isGreaterThan(1000);
        assertThat(board.findings()).isEmpty();
        board.unload(SMMU);
        assertThat(board.machine.pages().allocatedBytes()).isZero();
    }

    private static void attach(TestBoard board, Party party) {
        board.configure(party.path);
        DmaSpace space = new DmaSpace(board.domain(party.path), List.of());
        party.dma = new DmaFactory(board.machine.memory(), board.machine.pages()).translated(space, DmaFacts.plain());
        party.last = null;
    }

    private static void map(TestBoard board, Party party, Random random) {
        int length = LENGTHS[random.nextInt(LENGTHS.length)];
        long physical = 0x81000000L + (random.nextInt(0xb00000) & (length >= 0x200000 ? -0x200000 : -64));
        Direction direction = Direction.values()[random.nextInt(3)];
        long address = party.dma.map(physical, length, direction, 0);
        assertThat(address).isNotEqualTo(DmaApi.MAPPING_ERROR);
        party.live.add(new Mapping(address, physical, length, direction));
    }

    private static void transfer(TestBoard board, Party party, Random random, String where) {
        Mapping m = party.live.get(random.nextInt(party.live.size()));
        int offset = random.nextInt(m.length - 7);
        DmaMaster master = board.machine.master(party.path).orElseThrow();
        boolean write = random.nextBoolean();
        byte[] data = new byte[8];
        random.nextBytes(data);
        if (write) {
            Kind kind = master.write(0, m.address + offset, data).kind();
            assertThat(kind).as(where).isEqualTo(m.direction == Direction.TO_DEVICE ? Kind.FAULT : Kind.TRANSLATED);
        } else if (m.direction != Direction.FROM_DEVICE) {
            assertThat(master.read(0, m.address + offset, data).kind()).as(where).isEqualTo(Kind.TRANSLATED);
        }
        if (!write || m.direction != Direction.TO_DEVICE) {
            byte[] there = new byte[8];
            board.machine.memory().read(m.physical + offset, there, 0, 8);
            if (write || m.direction != Direction.FROM_DEVICE) {
                assertThat(there).as(where).isEqualTo(data);
            }
        }
    }

    /** After unmap returned, no byte of the mapping is reached any more, unless another mapping took the address. */
    private static void expectRefused(TestBoard board, Party party, String where) {
        long granule = Long.lowestOneBit(board.domain(party.path).pageSizes());
        long page = party.last.address & -granule;
        boolean reused = party.live.stream().anyMatch(m -> (m.address & -granule) <= page
                && page <= (m.address + m.length - 1 & -granule));
        if (!reused) {
            assertThat(board.read(party.path, 0, page).kind()).as(where).isEqualTo(Kind.FAULT);
        }
    }
}
