package org.latebind.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.latebind.console.module.DriverModules;
import org.latebind.runtime.Command;
import org.latebind.runtime.CommandResult;
import org.latebind.runtime.DriverCore;

/** One line in, one answer out; what the page may ask for and what not. */
class CommandDeskTest {

    private final List<String> done = new ArrayList<>();
    private final DriverCore core = (DriverCore) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {DriverCore.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "execute" -> {
                    done.add(((Command) arguments[0]).getClass().getSimpleName());
                    yield CommandResult.done("done");
                }
                case "awaitIdle" -> true;
                default -> throw new UnsupportedOperationException(method.getName());
            });
    private final DriverModules modules = new DriverModules() {
        @Override
        public List<Module> modules() {
            return List.of(new Module("ipmmu-vmsa", "1.0", true, List.of(), List.of()));
        }

        @Override
        public boolean isLoaded(String name) {
            return "ipmmu-vmsa".equals(name);
        }

        @Override
        public String load(String name) {
            done.add("load " + name);
            return name;
        }

        @Override
        public void unload(String name) {
            done.add("unload " + name);
        }
    };

    private CommandResult run(String line) {
        return new CommandDesk(core, modules, List.of()).run(line);
    }

    @Test
    void modulesAreLoadedUnloadedAndRestarted() {
        assertThat(run("load ipmmu-vmsa").ok()).isTrue();
        assertThat(run(" unload ipmmu-vmsa ").ok()).isTrue();
        assertThat(run("restart ipmmu-vmsa").text()).isEqualTo("restarted ipmmu-vmsa");
        assertThat(done).containsExactly("load ipmmu-vmsa", "unload ipmmu-vmsa", "unload ipmmu-vmsa", "load ipmmu-vmsa");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load /etc/passwd", "load ../evil.jar", "unload java.base", "restart /tmp/evil.jar", "load"})
    void onlyInstalledModulesAreTouched(String line) {
        assertThat(run(line).ok()).isFalse();
        assertThat(done).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "late-init\nexpire", "late-init at 5", "nonsense", "load ipmmu-vmsa\nload ipmmu-vmsa", "# nothing"})
    void whatIsNotOneCommandWithoutTimeIsRefusedWithASentence(String line) {
        CommandResult result = run(line);
        assertThat(result.ok()).isFalse();
        assertThat(result.text()).isNotBlank().doesNotContain("Exception");
        assertThat(done).isEmpty();
    }

    @Test
    void eventsReachTheCore() {
        for (String line : List.of("late-init", "expire", "advance 1", "bind /a", "unbind /a", "override /a b", "suspend", "resume",
                "param deferred_probe_timeout=5")) {
            assertThat(run(line).ok()).as(line).isTrue();
        }
        assertThat(done).containsExactly("LateInit", "Expire", "Advance", "Bind", "Unbind", "DriverOverride",
                "Suspend", "Resume", "SetParameter");
    }

    @Test
    void anAdvanceBeyondAllTimeIsRefused() {
        assertThat(run("advance 99999999999999").ok()).isFalse();
        assertThat(done).isEmpty();
    }

    @Test
    void aTransferNeedsABoundClient() {
        assertThat(run("dma mmc@1 write hello").text()).contains("no bound DMA client mmc@1");
    }
}
