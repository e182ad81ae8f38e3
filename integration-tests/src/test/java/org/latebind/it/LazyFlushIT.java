package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.hardware.DmaResult;
import org.latebind.iommu.DomainType;
import org.latebind.runtime.Command;
import org.latebind.runtime.DmaClient;
import org.latebind.runtime.GroupStatus;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;

/**
 * What {@code iommu.strict} means to a device that goes on using an address after its unmap: strict, it faults at once; lazy, it
 * reaches the memory until the queue is flushed ten milliseconds later, and faults then.
 */
@ExtendWith(PaxExamExtension.class)
public class LazyFlushIT {

    private static final String MMC = "/soc/mmc@1001000";
    private static final byte[] DATA = {1, 2, 3, 4};

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()));
    }

    private static Live board(String strict) throws Exception {
        Live live = Live.board("teaching.dts", "latebind", Map.of("iommu.strict", strict));
        live.core().execute(new Command.LateInit());
        live.start("dma-client");
        live.start("ipmmu-vmsa");
        live.settled();
        return live;
    }

    private static DmaResult.Kind again(DmaClient client, long address) {
        return client.writeAt(0, address, DATA).result().kind();
    }

    @Test
    public void strictAnAddressIsGoneWhenItsUnmapReturns() throws Exception {
        try (Live live = board("1")) {
            assertThat(live.core().snapshot().groups()).extracting(GroupStatus::domainType).containsOnly(DomainType.DMA);
            DmaClient client = live.service(DmaClient.class, "(latebind.device.path=" + MMC + ")");
            DmaClient.Transfer transfer = client.write(0, DATA);
            assertThat(transfer.result().kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(again(client, transfer.busAddress())).isEqualTo(DmaResult.Kind.FAULT);
        }
    }

    @Test
    public void lazyItReachesTheMemoryUntilTheFlush() throws Exception {
        try (Live live = board("0")) {
            assertThat(live.core().snapshot().groups()).extracting(GroupStatus::domainType).containsOnly(DomainType.DMA_FQ);
            DmaClient client = live.service(DmaClient.class, "(latebind.device.path=" + MMC + ")");
            DmaClient.Transfer transfer = client.write(0, DATA);
            assertThat(transfer.result().kind()).isEqualTo(DmaResult.Kind.TRANSLATED);
            assertThat(again(client, transfer.busAddress())).as("the window").isEqualTo(DmaResult.Kind.TRANSLATED);
            live.core().execute(new Command.Advance(9_000_000));
            assertThat(again(client, transfer.busAddress())).as("after 9 ms").isEqualTo(DmaResult.Kind.TRANSLATED);
            live.core().execute(new Command.Advance(1_000_000));
            live.settled();
            assertThat(again(client, transfer.busAddress())).as("after 10 ms").isEqualTo(DmaResult.Kind.FAULT);
        }
    }
}
