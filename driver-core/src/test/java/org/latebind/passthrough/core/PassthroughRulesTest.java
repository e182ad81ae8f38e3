package org.latebind.passthrough.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtsReader;
import org.latebind.driver.Errno;
import org.latebind.hardware.Machine;
import org.latebind.iommu.Translation;
import org.latebind.pagetable.TestMemory;
import org.latebind.passthrough.PassthroughResult;
import org.latebind.passthrough.XenDevice;
import org.latebind.passthrough.XenDomain;
import org.latebind.passthrough.XenIommuOps;

/** Every answer of the calls that add, remove, assign and take away devices, row by row (xen-grant sheet, B6). */
class PassthroughRulesTest {

    private static final String TREE = """
            /dts-v1/;
            / {
                #address-cells = <1>; #size-cells = <1>;
                memory@48000000 { device_type = "memory"; reg = <0x48000000 0x100000>; };
                a: iommu@1 { reg = <1 1>; #iommu-cells = <1>; };
                b: iommu@2 { reg = <2 1>; #iommu-cells = <1>; };
                off: iommu@3 { reg = <3 1>; #iommu-cells = <1>; status = "disabled"; };
                plain { };
                one { iommus = <&a 1>; };
                two { iommus = <&a 2>, <&a 3>; };
                both { iommus = <&a 1>, <&b 1>; };
                disabled { iommus = <&off 1>; };
                half { iommus = <&a 1>, <&off 1>; };
                dangling { iommus = <0xdead 1>; };
                aside { iommus = <&a 9>; xen,passthrough; };
                pcie@9000 { reg = <0x9000 1>; device_type = "pci";
                    iommu-map = <0x100 &a 16 0x10>, <0x200 &off 0 1>, <0x300 0xdead 0 1>; };
            };
            """;

    /** A driver that answers what it is told to. */
    private static class Driver implements XenIommuOps {
        private final Set<Hook> hooks = EnumSet.of(Hook.ADD_DEVICE, Hook.DT_XLATE);
        private final List<String> calls = new ArrayList<>();
        private Function<Integer, Errno> xlate = id -> null;
        private Errno add;
        private Errno assign;
        private Errno reassign;
        private Errno remove;

        @Override
        public Set<Hook> hooks() {
            return hooks;
        }

        @Override
        public String driver() {
            return "test";
        }

        @Override
        public Errno initDomain(XenDomain domain) {
            return null;
        }

        @Override
        public void teardownDomain(XenDomain domain) {
            calls.add("teardown " + domain.id());
        }

        @Override
        public Translation translate(XenDevice device, String unit, int[] cells) {
            Errno error = xlate.apply(cells[0]);
            return error == null ? new Translation.Ids(cells[0]) : new Translation.Refused(error, "test");
        }

        @Override
        public Errno addDevice(XenDevice device) {
            calls.add("add " + device.path() + " " + device.iommuPath() + " ids " + device.idCount());
            return add;
        }

        @Override
        public Errno removeDevice(XenDevice device) {
            return remove;
        }

        @Override
        public Errno assign(XenDomain domain, XenDevice device) {
            return assign;
        }

        @Override
        public Errno reassign(XenDomain source, XenDomain target, XenDevice device) {
            calls.add("reassign " + source.id() + " to " + (target == null ? "nobody" : target.id()));
            return reassign;
        }

        @Override
        public void flush(XenDomain domain) {
            // Nothing is cached.
        }

        @Override
        public void quarantine(XenDomain domain, XenDevice device) {
            // The unit goes, the device stays blocked.
        }
    }

    private final DeviceTree tree = DtsReader.read("rules.dts", TREE);
    private final TestMemory memory = new TestMemory();
    private final TestMemory.Allocator pages = new TestMemory.Allocator(0x4800_0000L);
    private final List<String> log = new ArrayList<>();
    private final Driver driver = new Driver();
    private final PassthroughCore xen = new PassthroughCore(tree, (Machine) Proxy.newProxyInstance(
            Machine.class.getClassLoader(), new Class<?>[] {Machine.class}, (p, method, arguments) ->
                    switch (method.getName()) {
                        case "memory" -> memory;
                        case "pages" -> pages;
                        default -> throw new UnsupportedOperationException(method.getName());
                    }), log::add);

    private void up() {
        xen.setOps(driver);
        xen.setupFinished(null);
    }

    private static int code(String word) {
        return word.matches("-?[0-9]+") ? Integer.parseInt(word) : -Errno.valueOf(word).number();
    }

    @Nested
    class AddDtDevice {

        @ParameterizedTest
        @CsvSource({"/plain, 1, needs no protection: no iommus", "/one, 0, protected", "/two, 0, two ids of one IOMMU",
            "/both, EINVAL, a second IOMMU", "/disabled, 1, the IOMMU is disabled", "/half, 1, the IOMMU of the second entry is",
            "/dangling, 1, no entry can be parsed", "/nowhere, ENODEV, no such node"})
        void answersByWhatTheTreeSays(String path, String expected, String why) {
            up();
            assertThat(xen.addDtDevice(path)).as(why).isEqualTo(code(expected));
        }

        @Test
        void withoutAnIommuNothingNeedsProtection() {
            xen.setOps(driver);
            xen.setupFinished(Errno.ENODEV);
            assertThat(xen.addDtDevice("/one")).isEqualTo(1);
            assertThat(driver.calls).isEmpty();
        }

        @Test
        void enabledWithoutATableOfOperationsIsEinval() {
            xen.setupFinished(null);
            assertThat(xen.addDtDevice("/one")).isEqualTo(code("EINVAL"));
        }

        @ParameterizedTest
        @CsvSource({"ADD_DEVICE", "DT_XLATE"})
        void missingHookIsEinvalForADeviceWithAnIommuOnly(XenIommuOps.Hook hook) {
            up();
            driver.hooks.remove(hook);
            assertThat(xen.addDtDevice("/one")).isEqualTo(code("EINVAL"));
            assertThat(xen.addDtDevice("/disabled")).as("asked for before the IOMMU's status").isEqualTo(code("EINVAL"));
            assertThat(xen.addDtDevice("/plain")).isEqualTo(1);
        }

        @ParameterizedTest
        @CsvSource({"EINVAL", "ENODEV", "ENOMEM"})
        void errorOfXlateIsReturnedAndTheSpecifierFreed(String errno) {
            up();
            driver.xlate = id -> id == 3 ? Errno.valueOf(errno) : null;
            assertThat(xen.addDtDevice("/two")).isEqualTo(code(errno));
            driver.xlate = id -> null;
            assertThat(xen.addDtDevice("/two")).as("nothing of the first try is left").isZero();
            assertThat(driver.calls).containsExactly("add /two /iommu@1 ids 2");
        }

        @ParameterizedTest
        @CsvSource({"ENODEV", "EEXIST", "EBUSY"})
        void errorOfAddDeviceIsReturnedAndTheSpecifierFreed(String errno) {
            up();
            driver.add = Errno.valueOf(errno);
            assertThat(xen.addDtDevice("/one")).isEqualTo(code(errno));
            driver.add = null;
            assertThat(xen.addDtDevice("/one")).isZero();
            assertThat(driver.calls).hasSize(2);
        }

        @Test
        void secondCallIsZeroWithoutAskingTheDriver() {
            up();
            assertThat(xen.addDtDevice("/one")).isZero();
            assertThat(xen.addDtDevice("/one")).isZero();
            assertThat(driver.calls).hasSize(1);
        }

        /** The first entry's specifier stays when a later entry's IOMMU is disabled: known, and kept. */
        @Test
        void halfAddedDeviceAnswersZeroYetIsNotProtected() {
            up();
            assertThat(xen.addDtDevice("/half")).isEqualTo(1);
            assertThat(xen.addDtDevice("/half")).isZero();
            xen.create(1, 4096);
            assertThat(xen.assign(1, "/half").code()).isEqualTo(code("EINVAL"));
        }
    }

    @Nested
    class AddPciDevice {

        @ParameterizedTest
        @CsvSource({"/pcie@9000@0100, 0, first id of the map", "/pcie@9000@010f, 0, last id of it",
            "/pcie@9000@0110, 1, no entry", "/pcie@9000@0200, 1, the IOMMU is disabled",
            "/pcie@9000@0300, EINVAL, no node has the phandle", "/pcie@7@0100, ENODEV, no such bridge",
            "/plain@0100, 1, a node without a map"})
        void answersByTheMapOfTheBridge(String path, String expected, String why) {
            up();
            assertThat(xen.addDtDevice(path)).as(why).isEqualTo(code(expected));
        }

        @Test
        void idIsThatOfTheMapAndEveryErrorOfXlateIsEinval() {
            up();
            List<Integer> asked = new ArrayList<>();
            driver.xlate = id -> {
                asked.add(id);
                return Errno.ENODEV;
            };
            assertThat(xen.addDtDevice("/pcie@9000@0103")).isEqualTo(code("EINVAL"));
            assertThat(asked).containsExactly(19);
        }

        @Test
        void secondCallIsEexistUnlikeADeviceOfTheTree() {
            up();
            assertThat(xen.addDtDevice("/pcie@9000@0100")).isZero();
            assertThat(xen.addDtDevice("/pcie@9000@0100")).isEqualTo(code("EEXIST"));
            assertThat(xen.addDtDevice("/pcie@9000@100")).as("the same, written shorter").isEqualTo(code("EEXIST"));
            xen.create(1, 4096);
            assertThat(xen.assign(1, "/pcie@9000@0100").code()).isZero();
            assertThat(xen.assign(1, "/pcie@9000@0101").code()).as("added on the way").isZero();
            assertThat(xen.list().get(0).devices()).containsExactly("/pcie@9000@101", "/pcie@9000@100");
        }
    }

    @Nested
    class RemoveDtDevice {

        @Test
        void everyAnswer() {
            assertThat(xen.removeDtDevice("/one")).as("no table of operations").isEqualTo(code("EOPNOTSUPP"));
            up();
            assertThat(xen.removeDtDevice("/one")).as("no hook").isEqualTo(code("EOPNOTSUPP"));
            driver.hooks.add(XenIommuOps.Hook.REMOVE_DEVICE);
            assertThat(xen.removeDtDevice("/nowhere")).isEqualTo(code("ENODEV"));
            xen.create(1, 4096);
            xen.assign(1, "/one");
            assertThat(xen.removeDtDevice("/one")).as("assigned").isEqualTo(code("EBUSY"));
            xen.deassign(1, "/one");
            driver.remove = Errno.EIO;
            assertThat(xen.removeDtDevice("/one")).as("the driver's error").isEqualTo(code("EIO"));
            driver.remove = null;
            assertThat(xen.removeDtDevice("/one")).isZero();
            assertThat(xen.deassign(1, "/one").code()).as("not protected any more").isEqualTo(code("EINVAL"));
            assertThat(xen.addDtDevice("/one")).as("and may come again").isZero();
            xen.setupFinished(Errno.ENODEV);
            assertThat(xen.removeDtDevice("/one")).as("no IOMMU").isEqualTo(1);
        }
    }

    @Nested
    class Toolstack {

        private void check(PassthroughResult result, String expected) {
            assertThat(result.code()).as(result.text()).isEqualTo(code(expected));
            assertThat(result.text()).isNotBlank();
            if (result.code() < 0) {
                assertThat(result.text()).startsWith(expected + ": ");
            }
        }

        @Test
        void assignAnswers() {
            xen.setOps(driver);
            xen.setupFinished(null);
            check(xen.create(5, 4096), "0");
            check(xen.create(6, 4096), "0");
            check(xen.assign(7, "/one"), "ESRCH");
            check(xen.assign(0x7FF4, "/one"), "ESRCH");
            check(xen.assign(0x7FF1, "/one"), "EINVAL");
            check(xen.assign(5, "/nowhere"), "ENODEV");
            check(xen.assign(5, "/plain"), "EINVAL");
            check(xen.assign(5, "/both"), "EINVAL");
            driver.add = Errno.ENODEV;
            check(xen.assign(5, "/one"), "ENODEV");
            driver.add = null;
            for (Errno errno : List.of(Errno.EBUSY, Errno.EEXIST, Errno.EINVAL, Errno.ENODEV)) {
                driver.assign = errno;
                check(xen.assign(5, "/one"), errno.name());
                assertThat(xen.list().get(0).devices()).as("nothing is noted after a refusal").isEmpty();
            }
            driver.assign = null;
            check(xen.assign(5, "/one"), "0");
            check(xen.assign(5, "/one"), "EBUSY");
            check(xen.assign(6, "/one"), "EBUSY");
            xen.setupFinished(Errno.EAGAIN);
            check(xen.assign(6, "/two"), "EOPNOTSUPP");
            check(xen.create(8, 4096), "EINVAL");
        }

        @Test
        void testAssignAnswers() {
            up();
            xen.create(5, 4096);
            check(xen.testAssign("/nowhere"), "ENODEV");
            check(xen.testAssign("/one"), "0");
            xen.assign(5, "/one");
            check(xen.testAssign("/one"), "EINVAL");
        }

        @Test
        void deassignAnswers() {
            up();
            xen.create(5, 4096);
            xen.create(6, 4096);
            xen.assign(5, "/one");
            check(xen.deassign(7, "/one"), "ESRCH");
            check(xen.deassign(0x7FF1, "/one"), "EINVAL");
            check(xen.deassign(5, "/nowhere"), "ENODEV");
            check(xen.deassign(5, "/two"), "EINVAL");
            driver.reassign = Errno.ESRCH;
            check(xen.deassign(6, "/one"), "ESRCH");
            assertThat(xen.list().get(0).devices()).as("a refusal changes nothing").containsExactly("/one");
            driver.reassign = null;
            check(xen.deassign(5, "/one"), "0");
            assertThat(driver.calls).last().isEqualTo("reassign 5 to nobody");
            xen.setupFinished(Errno.EAGAIN);
            check(xen.deassign(5, "/one"), "EOPNOTSUPP");
        }

        @ParameterizedTest
        @CsvSource({"0, EINVAL", "-1, EINVAL", "0x7fef, 0", "0x7ff0, EINVAL", "0x7fff, EINVAL"})
        void createTakesIdsOfGuestsOnly(String domid, String expected) {
            up();
            check(xen.create(Integer.decode(domid), 4096), expected);
        }

        @Test
        void memoryThatIsNotThereOrNegativeIsRefusedAndGivenBack() {
            up();
            pages.limit(1_000_000);
            long before = pages.allocatedBytes();
            check(xen.create(5, 0), "EINVAL");
            check(xen.create(5, -4096), "EINVAL");
            check(xen.create(5, Long.MAX_VALUE), "EINVAL");
            pages.limit(4);
            check(xen.create(5, 1 << 24), "ENOMEM");
            assertThat(xen.list()).isEmpty();
            assertThat(pages.allocatedBytes()).isEqualTo(before);
        }
    }

    @Nested
    class HardwareDomain {

        @Test
        void getsEveryProtectedDeviceThatIsNotSetAside() {
            String tree = TREE.replace("both { iommus = <&a 1>, <&b 1>; };", "");
            PassthroughCore boot = new PassthroughCore(DtsReader.read("dom0.dts", tree), machine(), log::add);
            boot.setOps(driver);
            boot.setupFinished(null);
            assertThat(boot.createHardwareDomain().code()).isZero();
            assertThat(boot.list().get(0).devices()).containsExactly("/two", "/one");
        }

        /** A device with two IOMMUs cannot be added, and that ends the boot. */
        @Test
        void errorOfOneDeviceStopsIt() {
            up();
            assertThat(xen.createHardwareDomain().code()).isEqualTo(code("EINVAL"));
            assertThat(log).contains("domain 0: /both: error -22");
        }

        private Machine machine() {
            return (Machine) Proxy.newProxyInstance(Machine.class.getClassLoader(), new Class<?>[] {Machine.class},
                    (p, method, arguments) -> method.getName().equals("memory") ? memory : pages);
        }
    }
}
