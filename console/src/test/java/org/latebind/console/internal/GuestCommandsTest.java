package org.latebind.console.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.latebind.passthrough.Passthrough;
import org.latebind.passthrough.PassthroughResult;

/** The command {@code guest}: what reaches the hypervisor, what is told instead, and what the tabulator key offers. */
class GuestCommandsTest {

    private final List<String> calls = new ArrayList<>();
    private final Passthrough guests = (Passthrough) Proxy.newProxyInstance(Passthrough.class.getClassLoader(),
            new Class<?>[] {Passthrough.class}, (p, method, arguments) -> {
                if (method.getName().equals("list")) {
                    return List.of(new Passthrough.Status(1, 4096, 0, 40, "", List.of()));
                }
                calls.add(method.getName() + (arguments == null ? "" : Arrays.toString(arguments)));
                return method.getReturnType() == List.class ? List.of() : PassthroughResult.done("done");
            });
    private final GuestCommands commands = new GuestCommands(guests);

    private String guest(String line) {
        return commands.guest(null, line.isEmpty() ? new String[0] : line.split(" "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"create 1 16M | create[1, 16777216]", "create 2 0x1000 | create[2, 4096]",
        "create 3 1g | create[3, 1073741824]", "assign 1 /soc/a | assign[1, /soc/a]", "deassign 0 /a | deassign[0, /a]",
        "test /a | testAssign[/a]", "reboot 1 | reboot[1]", "destroy 0x1 | destroy[1]", "dom0 | createHardwareDomain",
        "p2m 1 0x40000000 | p2m[1, 1073741824, 8]", "p2m 1 0 2 | p2m[1, 0, 2]"})
    void wordsBecomeCalls(String line, String call) {
        guest(line);
        assertThat(calls).containsExactly(call);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"create 1 | usage: guest create DOMID MEMORY",
        "create 1 2 3 | usage: guest create DOMID MEMORY", "destroy | usage: guest destroy DOMID",
        "p2m 1 | usage: guest p2m DOMID ADDRESS [PAGES]",
        "create one 16M | \"one\" is not a domain id; usage: guest create DOMID MEMORY",
        "create -1 16M | \"-1\" is not a domain id; usage: guest create DOMID MEMORY",
        "create 1 lots | \"lots\" is not a size; usage: guest create DOMID MEMORY",
        "create 1 M | \"\" is not a size; usage: guest create DOMID MEMORY",
        "p2m 1 here | \"here\" is not an address; usage: guest p2m DOMID ADDRESS [PAGES]",
        "p2m 7 0 | ESRCH: no domain 7",
        "make 1 | guest has no make; it has list, create, assign, deassign, test, reboot, destroy, p2m, dom0, help"})
    void mistakesAreOneClearLineAndReachNobody(String line, String answer) {
        assertThat(guest(line)).isEqualTo(answer);
        assertThat(calls).isEmpty();
    }

    @Test
    void numbersTooLargeForAnyHostAreNotCutShort() {
        guest("create 99999999999 16M");
        guest("create 1 17179869185G");
        assertThat(calls).containsExactly("create[" + Integer.MAX_VALUE + ", 16777216]", "create[1, " + Long.MAX_VALUE + "]");
    }

    @Test
    void helpHasALineForEachVerb() {
        assertThat(guest("help").lines()).hasSize(GuestVerb.values().length)
                .contains("guest assign DOMID DEVICE       puts a device behind the guest's table; a PCI function is BRIDGE@RID");
        assertThat(guest("")).as("no word is list").startsWith("DOMAIN");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"1 | guest | list create assign deassign test reboot destroy p2m dom0 help",
        "2 | guest create | 3", "3 | guest create 3 | 16M 64M 256M", "2 | guest assign | 1 2", "3 | guest assign 1 | /a /b",
        "2 | guest test | /a /b", "2 | guest destroy | 1 2", "3 | guest p2m 1 | 0x40000000", "3 | guest destroy 1 | ''",
        "2 | guest nonsense | ''", "2 | guest list | ''"})
    void tabulatorOffersWhatFits(int index, String line, String words) {
        assertThat(String.join(" ", GuestVerb.completions(index, List.of(line.split(" ")), List.of(1, 2), List.of("/a", "/b"))))
                .isEqualTo(words);
    }
}
