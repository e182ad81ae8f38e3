package org.latebind.iommu.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.driver.Errno;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.Translation;

class IommuCoreTest {

    private final List<String> reports = new ArrayList<>();
    private final IommuCore core = new IommuCore(IommuCoreTest::direct, e -> reports.add(e.getMessage()));
    private final ToyIommu toy = new ToyIommu("/iommu@1000");

    private static <T> T direct(String driver, String what, Callable<T> call) throws DriverMisbehavedException {
        try {
            return call.call();
        } catch (Exception e) {
            throw new DriverMisbehavedException(driver, Errno.EIO, driver + " threw in " + what, e);
        }
    }

    private static StreamClient client(String path) {
        return new StreamClient(path, path.substring(1), false, new NoProperties(path));
    }

    private Configuration configure(StreamClient client, int... cells) {
        return core.configure(client, List.of(new Specifier(toy.path, cells)), List.of());
    }

    private static int numberOf(Configuration configuration) {
        return ((Configuration.Grouped) configuration).group().number();
    }

    private static Configuration.Untranslated untranslated(Configuration configuration) {
        return (Configuration.Untranslated) configuration;
    }

    @Nested
    class Grouping {

        @Test
        void everyDeviceGetsItsOwnGroupWhenTheDriverNamesNoKey() {
            core.register("toy", toy);
            assertThat(numberOf(configure(client("/a"), 1))).isZero();
            assertThat(numberOf(configure(client("/b"), 2))).isEqualTo(1);
        }

        @Test
        void equalKeysShareGroupAndDomain() {
            toy.sharedKey = "one for all";
            core.register("toy", toy);
            configure(client("/a"), 1);
            configure(client("/b"), 2);
            assertThat(core.groups()).singleElement().satisfies(group -> assertThat(group.members()).hasSize(2));
            assertThat(toy.openDomains).isEqualTo(1);
        }

        @Test
        void functionsOfOnePciGroupShareItUnlessTheDriverNamesAKey() {
            core.register("toy", toy);
            NoProperties node = new NoProperties("/pcie");
            configure(new StreamClient("/pcie@8", "0000:00:01.0", true, "slot 1", node), 8);
            configure(new StreamClient("/pcie@10", "0000:00:02.0", true, null, node), 16);
            configure(new StreamClient("/pcie@9", "0000:00:01.1", true, "slot 1", node), 9);
            assertThat(core.groups()).extracting(group -> group.members().size()).containsExactly(2, 1);
            toy.sharedKey = "one for all";
            configure(new StreamClient("/pcie@a", "0000:00:01.2", true, "slot 1", node), 10);
            assertThat(core.groups()).hasSize(3);
        }

        @Test
        void equalKeysOfTwoUnitsDoNotShare() {
            ToyIommu other = new ToyIommu("/iommu@2000");
            toy.sharedKey = "k";
            other.sharedKey = "k";
            core.register("toy", toy);
            core.register("toy", other);
            configure(client("/a"), 1);
            Configuration second = core.configure(client("/b"), List.of(new Specifier(other.path, 1)), List.of());
            assertThat(numberOf(second)).isEqualTo(1);
        }

        @Test
        void aNewGroupTakesTheLowestNumberThatIsFree() {
            core.register("toy", toy);
            StreamClient first = client("/a");
            configure(first, 1);
            configure(client("/b"), 2);
            core.release(first);
            assertThat(numberOf(configure(client("/c"), 3))).isZero();
            assertThat(numberOf(configure(client("/d"), 4))).isEqualTo(2);
        }

        @Test
        void aConfiguredDeviceStaysAsItIs() {
            core.register("toy", toy);
            StreamClient a = client("/a");
            configure(a, 7);
            configure(a, 7);
            assertThat(a.ids()).containsExactly(7);
            assertThat(toy.calls).containsExactly("probe /a", "attach /a");
        }
    }

    @Nested
    class Streams {

        @Test
        void keepTheOrderAndTheDuplicatesOfTheTree() {
            core.register("toy", toy);
            StreamClient a = client("/a");
            Specifier nine = new Specifier(toy.path, 9);
            core.configure(a, List.of(nine, new Specifier(toy.path, 3), nine), List.of());
            assertThat(a.ids()).containsExactly(9, 3, 9);
        }

        @Test
        void ofSeveralInstancesBelongToTheFirst() {
            ToyIommu other = new ToyIommu("/iommu@2000");
            core.register("toy", toy);
            core.register("toy", other);
            StreamClient a = client("/a");
            core.configure(a, List.of(new Specifier(other.path, 1), new Specifier(toy.path, 2)), List.of());
            assertThat(a.iommuPath()).isEqualTo(other.path);
            assertThat(a.ids()).containsExactly(1, 2);
        }

        @Test
        void ofDifferentDriversAreRefused() {
            ToyIommu other = new ToyIommu("/iommu@2000");
            core.register("toy", toy);
            core.register("another", other);
            StreamClient a = client("/a");
            List<Specifier> both = List.of(new Specifier(toy.path, 1), new Specifier(other.path, 2));
            Configuration outcome = core.configure(a, both, List.of());
            assertThat(untranslated(outcome).errno()).isEqualTo(Errno.EINVAL);
            assertThat(a.idCount()).isZero();
        }
    }

    @Nested
    class DefaultDomains {

        @Test
        void areTranslatedWithStrictInvalidation() {
            core.register("toy", toy);
            configure(client("/a"), 1);
            assertThat(core.groups().get(0).defaultDomain().type()).isEqualTo(DomainType.DMA);
        }

        @Test
        void areIdentityWithPassthrough() {
            core.policy(new DomainPolicy(true, true));
            core.register("toy", toy);
            configure(client("/a"), 1);
            assertThat(core.groups().get(0).defaultDomain().type()).isEqualTo(DomainType.IDENTITY);
        }

        @Test
        void fallBackToStrictWhenTheDriverHasNoFlushQueue() {
            core.policy(new DomainPolicy(false, false));
            core.register("toy", toy);
            configure(client("/a"), 1);
            assertThat(core.groups().get(0).defaultDomain().type()).isEqualTo(DomainType.DMA);
        }

        @Test
        void followTheDriverWhenItInsists() {
            toy.insisted = DomainType.IDENTITY;
            core.register("toy", toy);
            configure(client("/a"), 1);
            assertThat(core.groups().get(0).defaultDomain().type()).isEqualTo(DomainType.IDENTITY);
        }
    }

    @Nested
    class AFailureLeavesNothingBehind {

        private void expectNothingLeft(StreamClient a) {
            assertThat(core.groups()).isEmpty();
            assertThat(core.unit(toy.path).orElseThrow().clients()).isEmpty();
            assertThat(a.idCount()).isZero();
            assertThat(a.iommuPath()).isNull();
            assertThat(toy.openDomains).isZero();
        }

        @Test
        void whenTheDriverDoesNotTranslateTheDeviceByPolicy() {
            toy.answer = new Translation.Refused(Errno.ENODEV, "not on the list");
            core.register("toy", toy);
            StreamClient a = client("/a");
            assertThat(untranslated(configure(a, 1))).isEqualTo(new Configuration.Untranslated(Errno.ENODEV, "not on the list"));
            expectNothingLeft(a);
        }

        @Test
        void whenTheClientIsRefused() {
            toy.probeAnswer = Errno.EINVAL;
            core.register("toy", toy);
            StreamClient a = client("/a");
            assertThat(untranslated(configure(a, 1)).errno()).isEqualTo(Errno.EINVAL);
            expectNothingLeft(a);
            assertThat(toy.calls).as("a refused client was never accepted").containsExactly("probe /a");
        }

        @Test
        void whenTheAttachFails() {
            toy.attachAnswer = Errno.EBUSY;
            core.register("toy", toy);
            StreamClient a = client("/a");
            assertThat(untranslated(configure(a, 1)).errno()).isEqualTo(Errno.EBUSY);
            expectNothingLeft(a);
            assertThat(toy.calls).containsExactly("probe /a", "attach /a", "close", "release /a");
        }

        @Test
        void whenTheAttachThrows() {
            toy.attachThrows = new IllegalStateException("boom");
            core.register("toy", toy);
            StreamClient a = client("/a");
            assertThat(untranslated(configure(a, 1)).errno()).isEqualTo(Errno.EIO);
            expectNothingLeft(a);
            assertThat(reports).containsExactly("toy threw in attach");
        }

        @Test
        void whenNoDomainIsOffered() {
            toy.offered.clear();
            core.register("toy", toy);
            StreamClient a = client("/a");
            assertThat(untranslated(configure(a, 1)).errno()).isEqualTo(Errno.ENOMEM);
            expectNothingLeft(a);
        }
    }

    @Nested
    class Unregistering {

        @Test
        void releasesTheClientsLastComeFirstAndThenTheirDomains() {
            core.register("toy", toy);
            configure(client("/a"), 1);
            configure(client("/b"), 2);
            toy.calls.clear();
            core.unregister(toy.path);
            assertThat(toy.calls).containsExactly("detach /b", "release /b", "close", "detach /a", "release /a", "close");
            assertThat(core.units()).isEmpty();
            assertThat(core.groups()).isEmpty();
            assertThat(toy.openDomains).isZero();
        }

        @Test
        void aSharedDomainGoesWithItsLastMember() {
            toy.sharedKey = "k";
            core.register("toy", toy);
            configure(client("/a"), 1);
            configure(client("/b"), 2);
            toy.calls.clear();
            core.unregister(toy.path);
            assertThat(toy.calls).containsExactly("detach /b", "release /b", "detach /a", "release /a", "close");
        }

        @Test
        void aPathIsTakenOnlyOnce() {
            core.register("toy", toy);
            assertThatThrownBy(() -> core.register("toy", toy)).hasMessageContaining(toy.path);
        }
    }
}
