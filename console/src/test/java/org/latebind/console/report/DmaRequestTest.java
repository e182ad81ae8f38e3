package org.latebind.console.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.runtime.DmaClient;

class DmaRequestTest {

    private final List<DmaClient> clients = List.of(client("/soc/video@1000"), client("/pcie@2000@8"), client("/pcie@2000@100"),
            client("/soc/a/port@0"), client("/soc/b/port@0"));

    private static DmaClient client(String path) {
        return (DmaClient) Proxy.newProxyInstance(DmaClient.class.getClassLoader(), new Class<?>[] {DmaClient.class},
                (proxy, method, arguments) -> {
                    if (!"devicePath".equals(method.getName())) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return path;
                });
    }

    private String found(String name) {
        return DmaRequest.client(clients, name).devicePath();
    }

    @Test
    void aClientIsNamedByItsPathOrTheLastPartOfIt() {
        assertThat(found("/soc/video@1000")).isEqualTo("/soc/video@1000");
        assertThat(found("video@1000")).isEqualTo("/soc/video@1000");
    }

    @Test
    void aPciFunctionIsNamedAsLinuxNamesIt() {
        assertThat(found("0000:00:01.0")).isEqualTo("/pcie@2000@8");
        assertThat(found("01:00.0")).isEqualTo("/pcie@2000@100");
    }

    @Test
    void aNodeWhoseUnitAddressLooksLikeTheFunctionIsNotMeant() {
        assertThatThrownBy(() -> DmaRequest.client(List.of(client("/soc/video@8")), "00:01.0"))
                .hasMessage("no bound DMA client 00:01.0");
    }

    @Test
    void aNameThatTwoClientsHaveIsRefusedWithBothPaths() {
        assertThatThrownBy(() -> found("port@0")).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port@0 is both /soc/a/port@0 and /soc/b/port@0: give the path");
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatThrownBy(() -> found("/nowhere")).hasMessage("no bound DMA client /nowhere");
    }

    @Test
    void dataIsTextOrBytesAndTheStreamComesLast() {
        assertThat(DmaRequest.parse(List.of("write", "two", "words", "stream", "1")))
                .extracting(r -> new String(r.data(), java.nio.charset.StandardCharsets.UTF_8), DmaRequest::stream)
                .containsExactly("two words", 1);
        assertThat(DmaRequest.parse(List.of("write-at", "0x1000", "0xcafe")).data()).containsExactly(0xca, 0xfe);
    }

    @Test
    void aRequestThatIsNoneIsRefusedInOneLine() {
        assertThatThrownBy(() -> DmaRequest.parse(List.of("fetch"))).hasMessageContaining(DmaRequest.USAGE);
        assertThatThrownBy(() -> DmaRequest.parse(List.of("read-at", "0x10", "0"))).hasMessageContaining("length 0");
        assertThatThrownBy(() -> DmaRequest.parse(List.of("write-at", "here", "x"))).hasMessage("address \"here\" is no number");
        assertThatThrownBy(() -> DmaRequest.parse(List.of("write", "0xabc"))).hasMessageContaining("no sequence of bytes");
    }
}
