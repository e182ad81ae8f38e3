package org.latebind.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PciPopulationTest {

    private static final String ACS = " acs=sv,rr,cr,uf";

    /** Lines without host, ids and class: "00:00.0 root-port secondary=01". */
    private static PciPopulation population(String... lines) {
        StringBuilder text = new StringBuilder("# functions\n");
        for (String line : lines) {
            text.append("/pcie ").append(line.replaceFirst(" ", " 1af4:1000 020000 ")).append('\n');
        }
        return PciPopulationReader.read("t.pci", text.toString());
    }

    private static List<String> aliases(PciPopulation population, int rid) {
        return DmaAliases.of(population, population.find("/pcie", rid)).stream()
            .map(a -> Integer.toHexString(a.requesterId())).toList();
    }

    /** Groups as sets of names, in the order of the groups. */
    private static List<Set<String>> groups(PciPopulation population) {
        Map<Integer, Set<String>> sets = new TreeMap<>();
        PciGroups.of(population, population.functions())
            .forEach((f, group) -> sets.computeIfAbsent(group, key -> new TreeSet<>()).add(f.name()));
        return List.copyOf(sets.values());
    }

    @Nested
    class Aliases {

        @Test
        void aFunctionBehindPortsHasOnlyItsOwnId() {
            PciPopulation p = population("00:00.0 root-port secondary=01", "01:00.0 upstream secondary=02",
                "02:01.0 downstream secondary=03", "03:00.1 endpoint");
            assertThat(aliases(p, 0x301)).containsExactly("301");
        }

        @Test
        void aBridgeToConventionalPciAnswersAsItsSecondaryBus() {
            PciPopulation p = population("00:00.0 root-port secondary=01", "01:00.0 pcie-to-pci secondary=02",
                "02:03.0 conventional");
            assertThat(aliases(p, 0x218)).containsExactly("218", "200");
        }

        @Test
        void aBridgeFromConventionalPciAndAConventionalBridgeAnswerAsThemselves() {
            PciPopulation p = population("00:1e.0 conventional-bridge secondary=01", "01:02.0 pci-to-pcie secondary=02",
                "02:00.0 endpoint");
            assertThat(aliases(p, 0x200)).containsExactly("200", "110", "f0");
        }

        @Test
        void aConventionalBridgeWithTheQuirkAnswersAsItsSecondaryBus() {
            PciPopulation p = population("00:1e.0 conventional-bridge secondary=01 secondary-alias", "01:02.0 conventional");
            assertThat(aliases(p, 0x110)).containsExactly("110", "100");
        }

        @Test
        void aliasesOfTheTableComeBeforeTheBridges() {
            PciPopulation p = population("00:1e.0 conventional-bridge secondary=01",
                "01:00.0 conventional alias=00.1 alias=1f.7");
            assertThat(aliases(p, 0x100)).containsExactly("100", "101", "1ff", "f0");
        }

        @Test
        void theWalkEndsBelowATranslationRoot() {
            PciPopulation p = population("00:1e.0 conventional-bridge secondary=01 translation-root", "01:00.0 conventional");
            assertThat(aliases(p, 0x100)).containsExactly("100");
        }

        @Test
        void aFunctionWhoseDmaAnotherDoesHasThatOnesAliases() {
            PciPopulation p = population("00:00.0 root-port secondary=01", "01:00.0 endpoint", "01:00.1 endpoint dma-by=01:00.0");
            assertThat(aliases(p, 0x101)).containsExactly("100");
        }
    }

    @Nested
    class Groups {

        @Test
        void isolatedPortsKeepTheirDevicesApart() {
            assertThat(groups(population("00:00.0 root-port secondary=01" + ACS, "00:01.0 root-port secondary=02" + ACS,
                "01:00.0 endpoint", "02:00.0 endpoint")))
                .containsExactly(Set.of("00:00.0"), Set.of("00:01.0"), Set.of("01:00.0"), Set.of("02:00.0"));
        }

        @Test
        void aPortWithoutAccessControlSharesItsGroupWithWhatIsBehindIt() {
            assertThat(groups(population("00:00.0 root-port secondary=01", "01:00.0 endpoint")))
                .containsExactly(Set.of("00:00.0", "01:00.0"));
        }

        @Test
        void oneMissingServiceIsEnoughToJoin() {
            String port = "00:00.0 root-port secondary=01 ";
            assertThat(groups(population(port + "acs-capable=sv,rr,cr,uf acs=sv,rr,cr", "01:00.0 endpoint"))).hasSize(1);
            assertThat(groups(population(port + "acs-capable=sv,uf acs=sv,uf", "01:00.0 endpoint"))).hasSize(2);
        }

        @Test
        void aDownstreamPortWithoutAccessControlJoinsOnlyWhatIsBehindIt() {
            PciPopulation p = population("00:00.0 root-port secondary=01" + ACS, "01:00.0 upstream secondary=02",
                "02:00.0 downstream secondary=03", "02:01.0 downstream secondary=04", "03:00.0 endpoint", "04:00.0 endpoint");
            assertThat(groups(p)).containsExactly(Set.of("00:00.0"), Set.of("01:00.0"), Set.of("02:00.0", "03:00.0"),
                Set.of("02:01.0", "04:00.0"));
        }

        @Test
        void conventionalDevicesBehindOneBridgeShareAGroupWithIt() {
            PciPopulation p = population("00:00.0 root-port secondary=01" + ACS, "01:00.0 pcie-to-pci secondary=02",
                "02:00.0 conventional", "02:01.0 conventional");
            assertThat(groups(p)).containsExactly(Set.of("00:00.0"), Set.of("01:00.0", "02:00.0", "02:01.0"));
        }

        @Test
        void functionsOfOneDeviceWithoutAccessControlShareAGroup() {
            PciPopulation p = population("00:00.0 root-port secondary=01" + ACS, "01:00.0 endpoint", "01:00.1 endpoint",
                "01:00.2 endpoint" + ACS);
            assertThat(groups(p)).containsExactly(Set.of("00:00.0"), Set.of("01:00.0", "01:00.1"), Set.of("01:00.2"));
        }

        @Test
        void functionsThatShareRequesterIdsShareAGroup() {
            PciPopulation p = population("00:00.0 root-port secondary=01" + ACS, "01:00.0 endpoint" + ACS,
                "01:00.1 endpoint alias=00.0" + ACS);
            assertThat(groups(p)).containsExactly(Set.of("00:00.0"), Set.of("01:00.0", "01:00.1"));
        }

        @Test
        void aQuirkOverridesTheCapability() {
            assertThat(groups(population("00:00.0 root-port secondary=01 isolated", "01:00.0 endpoint"))).hasSize(2);
            assertThat(groups(population("00:00.0 root-port secondary=01 not-isolated" + ACS, "01:00.0 endpoint"))).hasSize(1);
        }

        @Test
        void everyFunctionGetsExactlyOneGroupWhateverTheTopology() {
            for (int seed = 0; seed < 500; seed++) {
                PciPopulation p = random(new Random(seed));
                Map<PciFunction, Integer> groups = PciGroups.of(p, p.functions());
                assertThat(groups.keySet()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(p.functions());
                Set<Integer> numbers = groups.values().stream().collect(Collectors.toCollection(TreeSet::new));
                assertThat(numbers).as("seed %d", seed).hasSize(((TreeSet<Integer>) numbers).last() + 1).contains(0);
            }
        }

        private PciPopulation random(Random random) {
            StringBuilder text = new StringBuilder();
            int buses = 1;
            PciKind[] kinds = PciKind.values();
            for (int bus = 0; bus < buses; bus++) {
                for (int devfn = 0; devfn < 16; devfn++) {
                    if (random.nextInt(3) > 0) {
                        continue;
                    }
                    PciKind kind = kinds[random.nextInt(kinds.length)];
                    boolean bridge = kind.bridge() && buses < 6;
                    String word = kind.bridge() && !bridge ? "endpoint" : kind.word();
                    String secondary = bridge ? String.format(" secondary=%02x", buses) : "";
                    text.append(String.format("/p %02x:%02x.%d 1af4:1000 020000 %s%s%s%n", bus, devfn >> 3, devfn & 7, word,
                        secondary, random.nextBoolean() ? ACS : ""));
                    buses += bridge ? 1 : 0;
                }
            }
            return PciPopulationReader.read("random", text.toString());
        }
    }

    @Nested
    class Files {

        @Test
        void aLineIsReadWithAllItsParts() {
            PciPopulation p = PciPopulationReader.read("t", """
                # comment
                /soc/pcie@fe000000 00:1f.7 8086:a0b1 060400 root-port secondary=01 acs=sv,uf   # more
                """);
            PciFunction f = p.functions().get(0);
            assertThat(f.name()).isEqualTo("00:1f.7");
            assertThat(f.requesterId()).isEqualTo(0xff);
            assertThat(f.vendor()).isEqualTo(0x8086);
            assertThat(f.device()).isEqualTo(0xa0b1);
            assertThat(f.classCode()).isEqualTo(0x060400);
            assertThat(f.acsEnabled()).containsExactlyInAnyOrder(PciFunction.AccessControl.SV, PciFunction.AccessControl.UF);
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "/p 00:00.0 1af4:1000 | t:1:1: expected: HOST BUS:DEVICE.FUNCTION VENDOR:DEVICE CLASS KIND [ATTRIBUTE...]",
            "/p 00:20.0 1af4:1000 020000 endpoint | t:1:1: not a bus, device and function: 00:20.0",
            "/p 00:00.0 1af4:10000 020000 endpoint | t:1:1: not a vendor and device id: 1af4:10000",
            "/p 00:00.0 1af4:1000 2 endpoint | t:1:1: not a class code: 2",
            "/p 00:00.0 1af4:1000 020000 thing | t:1:1: unknown kind of function: thing",
            "/p 00:00.0 1af4:1000 020000 endpoint fast | t:1:1: unknown attribute: fast",
            "/p 00:00.0 1af4:1000 020000 endpoint acs=xx | t:1:1: unknown access control service: xx",
            "/p 00:00.0 1af4:1000 020000 root-port | t:1:1: a bridge needs secondary=BUS",
            "/p 00:00.0 1af4:1000 020000 endpoint secondary=01 | t:1:1: only a bridge has a secondary bus",
            "/p 01:00.0 1af4:1000 020000 endpoint | t: /p 01:00.0 is on bus 1, which no bridge has behind it",
            "/p 00:00.0 1af4:1000 020000 endpoint dma-by=00:01.0 | t: /p 00:00.0 does DMA by a function that is not there",
            "/p 00:00.0 1af4:1000 020000 root-port secondary=00 | t: /p 00:00.0 has bus 0 behind it",
        })
        void aBadLineIsNamed(String line, String message) {
            assertThatThrownBy(() -> PciPopulationReader.read("t", line)).hasMessage(message);
        }

        @Test
        void theSameFunctionTwiceIsRefused() {
            assertThatThrownBy(() -> population("00:00.0 endpoint", "00:00.0 endpoint"))
                .hasMessage("t.pci: /pcie 00:00.0 is there twice");
        }
    }
}
