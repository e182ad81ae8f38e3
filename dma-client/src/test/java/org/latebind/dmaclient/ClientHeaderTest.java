package org.latebind.dmaclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.dmaclient.ClientHeader.Clause;

class ClientHeaderTest {

    @Test
    void oneDriverWithOneCompatibleString() throws Exception {
        assertThat(ClientHeader.parse("sdhi;compatible=\"renesas,sdhi-r8a7795\""))
                .containsExactly(new Clause("sdhi", "platform", List.of("renesas,sdhi-r8a7795")));
    }

    @Test
    void severalStringsAreSeparatedByWhiteSpace() throws Exception {
        assertThat(ClientHeader.parse("sdhi; compatible=\"renesas,sdhi-r8a7795  renesas,rcar-gen3-sdhi\""))
                .containsExactly(new Clause("sdhi", "platform", List.of("renesas,sdhi-r8a7795", "renesas,rcar-gen3-sdhi")));
    }

    @Test
    void theBusIsPlatformUnlessItIsNamed() throws Exception {
        assertThat(ClientHeader.parse("dmac;compatible=\"arm,pl330\";bus=amba"))
                .containsExactly(new Clause("dmac", "amba", List.of("arm,pl330")));
    }

    @Test
    void severalDriversAreSeparatedByCommas() throws Exception {
        assertThat(ClientHeader.parse("a;compatible=\"v,a\", b;compatible=\"v,b\"")).extracting(Clause::name)
                .containsExactly("a", "b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
        "a;compatible=v,x            | quoted",
        "a                           | compatible is missing",
        "a;compatible=\"\"           | quoted and not empty",
        "a;compatible=\"v,x          | not closed",
        ";compatible=\"v,x\"         | no driver name",
        "a;color=\"v,x\"             | unknown attribute",
        "a;compatible=\"x\";compatible=\"y\" | given twice",
        "a;compatible=\"x\",a;compatible=\"y\" | named twice"
    })
    void whatCannotBeReadIsRefusedWithTheReason(String header, String reason) {
        assertThatThrownBy(() -> ClientHeader.parse(header)).isInstanceOf(ClientHeader.MalformedHeaderException.class)
                .hasMessageStartingWith("Latebind-Client: ").hasMessageContaining(reason);
    }
}
