package org.latebind.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.latebind.pagetable.SavedTables;
import org.latebind.runtime.Command;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;

/** The commands as a person types them, through Gogo's own processor, on the bundles as they are shipped. */
@ExtendWith(PaxExamExtension.class)
public class ConsoleIT {

    private static final String MMC = "/soc/mmc@ee100000";
    private static final String LEAF = "/soc/iommu@e7740000";

    @Configuration
    static Option[] config() {
        return CoreOptions.options(CoreOptions.composite(Provision.base()), CoreOptions.composite(Provision.console()));
    }

    /** A shell on a board. */
    private static final class Shell implements AutoCloseable {
        private final Live live;
        private final CommandSession session;

        Shell(Live live) throws Exception {
            this.live = live;
            live.settled();
            CommandProcessor processor = live.service(CommandProcessor.class, null);
            PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
            session = processor.createSession(new ByteArrayInputStream(new byte[0]), out, out);
        }

        Object value(String line) throws Exception {
            Object value = session.execute(line);
            live.settled();
            return value;
        }

        List<String> words(String line) throws Exception {
            return ((List<?>) value(line)).stream().map(Object::toString).toList();
        }

        String text(String line) throws Exception {
            Object value = value(line);
            return value == null ? "" : session.format(value, Converter.INSPECT).toString();
        }

        @Override
        public void close() {
            session.close();
        }
    }

    private interface Dialogue {
        void with(Shell shell) throws Exception;
    }

    private static void on(String board, Map<String, String> parameters, List<String> modules, Dialogue dialogue)
            throws Exception {
        try (Live live = Live.board(board, "latebind", parameters)) {
            live.install("ipmmu-vmsa");
            live.install("xen-grant");
            live.install("dma-client");
            live.core().execute(new Command.LateInit());
            try (Shell shell = new Shell(live)) {
                for (String module : modules) {
                    assertThat(shell.text("latebind:load " + module)).isEqualTo("loaded " + module);
                }
                dialogue.with(shell);
            }
        }
    }

    @Test
    public void modulesComeAndGoAndTheListsFollow() throws Exception {
        on("salvator-xs-h3.dts", Map.of(), List.of("dma-client"), shell -> {
            assertThat(shell.text("latebind:deferred")).contains(MMC).contains(LEAF);
            assertThat(shell.text("latebind:iommus")).doesNotContain("ipmmu-vmsa");
            shell.text("latebind:load ipmmu-vmsa");
            assertThat(shell.text("latebind:deferred")).doesNotContain(MMC);
            assertThat(shell.text("latebind:devices")).containsPattern(MMC + " +BOUND_TRANSLATED +dma-client");
            assertThat(shell.text("latebind:iommus")).contains(LEAF).contains("ipmmu-vmsa");
            assertThat(shell.text("latebind:groups")).contains(MMC);
            assertThat(shell.text("latebind:drivers")).contains("ipmmu-vmsa").contains("dma-client");
            assertThat(shell.text("latebind:modules")).contains("* ipmmu-vmsa").contains("  xen-grant");
            assertThat(shell.text("latebind:log -n 5").lines()).hasSize(5);
            assertThat(shell.text("latebind:unload ipmmu-vmsa")).isEqualTo("unloaded ipmmu-vmsa");
            assertThat(shell.text("latebind:deferred")).contains(MMC);
        });
    }

    /** Method: type the cure exactly as explain prints it, until the device is translated; at most three rounds. */
    @Test
    public void theCureThatExplainNamesBindsTheDeviceWhenTyped() throws Exception {
        on("salvator-xs-h3.dts", Map.of(), List.of(), shell -> {
            String told = shell.text("latebind:explain ee140000");
            assertThat(told).startsWith("/soc/mmc@ee140000: NO_DRIVER").contains("module dma-client")
                    .contains("cure: load dma-client, then load ipmmu-vmsa -> BOUND_TRANSLATED")
                    .contains("iommus names /soc/iommu@e7740000");
            String cure = told.lines().filter(line -> line.startsWith("cure: ")).findFirst().orElseThrow();
            for (String command : cure.substring("cure: ".length(), cure.indexOf(" -> ")).split(", then ")) {
                shell.text("latebind:" + command);
            }
            assertThat(shell.text("latebind:explain mmc@ee140000").strip()).isEqualTo("/soc/mmc@ee140000: BOUND_TRANSLATED");
            assertThat(shell.text("latebind:chain ee140000")).contains("/soc/iommu@e7740000: bound to ipmmu-vmsa");
            shell.text("latebind:unbind /soc/mmc@ee140000");
            assertThat(shell.text("latebind:explain ee140000")).contains("cure: bind /soc/mmc@ee140000");
            shell.text("latebind:bind /soc/mmc@ee140000");
            assertThat(shell.text("latebind:explain ee140000").strip()).isEqualTo("/soc/mmc@ee140000: BOUND_TRANSLATED");
            assertThat(shell.text("latebind:explain mmc")).contains("several devices");
        });
    }

    @Test
    public void transfersArriveAndTheModelsComplaintsAreShown() throws Exception {
        on("salvator-xs-h3.dts", Map.of(), List.of("ipmmu-vmsa", "dma-client"), shell -> {
            assertThat(shell.text("latebind:dma " + MMC + " write hello")).contains("TRANSLATED, 5 bytes, the right bytes");
            assertThat(shell.text("latebind:dma mmc@ee100000 read-at 0x1000 8")).contains("FAULT").contains("0x1000");
            assertThat(shell.text("latebind:log -n 20")).contains("translation fault at iova 0x1000");
            assertThat(shell.text("latebind:faults")).isEqualTo("the hardware has no complaint");
        });
    }

    @Test
    public void theTableOfARunningDomainIsPrintedAndSaved() throws Exception {
        Path file = Files.createTempFile("latebind", ".pgtable");
        on("salvator-xs-h3.dts", Map.of(), List.of("ipmmu-vmsa", "dma-client"), shell -> {
            String text = shell.text("latebind:pgtable " + MMC);
            assertThat(text).contains("ARM_32_LPAE_S1");
            assertThat(text.lines()).hasSizeGreaterThan(3);
            assertThat(shell.text("latebind:pgtable " + MMC + " save " + file)).contains("saved to");
            SavedTables saved = SavedTables.read(file.toString(), Files.readAllBytes(file));
            assertThat(saved.words()).isNotEmpty();
            assertThat(shell.text("latebind:pgtable /soc/nothing")).contains("no page table");
        });
        Files.delete(file);
    }

    @Test
    public void pathsAndModulesCompleteAWord() throws Exception {
        on("salvator-xs-h3.dts", Map.of(), List.of("ipmmu-vmsa", "dma-client"), shell -> {
            assertThat(shell.words("latebind:devicepaths")).contains(MMC).contains(LEAF);
            assertThat(shell.words("latebind:clientpaths")).contains(MMC).doesNotContain(LEAF);
            assertThat(shell.words("latebind:modulenames")).isEqualTo(List.of("dma-client", "ipmmu-vmsa", "xen-grant"));
        });
    }

    @Test
    public void guestsAreBuiltAndTornDown() throws Exception {
        on("salvator-xs-h3.dts", Map.of("xen", "true"), List.of("ipmmu-vmsa"), shell -> {
            assertThat(shell.text("latebind:guest create 1 256K")).startsWith("domain 1 created");
            assertThat(shell.text("latebind:guest assign 1 " + MMC)).isEqualTo(MMC + " assigned to domain 1");
            assertThat(shell.text("latebind:guest list")).contains(MMC);
            assertThat(shell.words("latebind:guestwords 2 [guest assign]")).containsExactly("1");
            assertThat(shell.words("latebind:guestwords 3 [guest assign 1]")).contains(MMC);
            assertThat(shell.text("latebind:guest p2m 1 0x40000000 2").lines()).hasSizeGreaterThanOrEqualTo(3);
            assertThat(shell.text("latebind:guest reboot 1")).contains("domain 1");
            assertThat(shell.text("latebind:guest deassign 1 " + MMC)).contains(MMC);
            assertThat(shell.text("latebind:guest destroy 1")).contains("domain 1");
            assertThat(shell.text("latebind:guest list")).isEqualTo("no domain\n");
            assertThat(shell.text("latebind:guest create one 256K"))
                    .isEqualTo("\"one\" is not a domain id; usage: guest create DOMID MEMORY");
        });
    }

    @Test
    public void grantsAreListedAndABackendReadsThem() throws Exception {
        on("xen-guest-virtio.dts", Map.of(), List.of("xen-grant", "dma-client"), shell -> {
            assertThat(shell.text("latebind:devices")).contains("/virtio@2000000");
            String grants = shell.text("latebind:grants");
            assertThat(grants).contains("/virtio@2000000");
            refused(() -> shell.text("latebind:backend map"));
            assertThat(shell.text("latebind:backend map 2 8")).isNotEmpty();
        });
    }

    private static void refused(Callable<?> call) {
        try {
            call.call();
        } catch (Exception e) {
            assertThat(e.getMessage()).contains("backend");
            return;
        }
        throw new AssertionError("accepted");
    }
}
