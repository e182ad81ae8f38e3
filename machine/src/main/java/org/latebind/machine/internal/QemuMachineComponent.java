package org.latebind.machine.internal;

import java.util.Dictionary;
import java.util.Map;
import org.latebind.hardware.Machine;
import org.latebind.machine.qemu.QemuMachine;
import org.latebind.machine.qemu.QemuSetup;
import org.latebind.runtime.BoardSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Publishes QEMU as the machine of a board whose service property {@code latebind.machine} is {@code qemu}. That board is
 * {@link QemuSetup#deviceTree()}. QEMU ends with the component.
 */
@Component(service = {})
public final class QemuMachineComponent {

    private static final String SMMU = "arm,smmu-v3";

    private final QemuMachine machine;
    private final ServiceRegistration<?> registration;

    /** Starts QEMU; fails with one line when it is not installed or the board is another one. */
    @Activate
    public QemuMachineComponent(@Reference(target = "(latebind.machine=qemu)") BoardSource board, BundleContext context) {
        machine = QemuMachine.start(QemuSetup.standard());
        if (machine.tree().findCompatible(SMMU).stream().noneMatch(n -> board.tree().byPath(n.path()) != null)) {
            machine.close();
            throw new IllegalArgumentException("board " + board.name() + " is not the board of QEMU's virt machine");
        }
        Dictionary<String, Object> properties = FrameworkUtil.asDictionary(
                Map.of("latebind.machine", machine.backend(), "latebind.board", board.name()));
        registration = context.registerService(new String[] {Machine.class.getName(), QemuMachine.class.getName()}, machine,
                properties);
    }

    /** Withdraws the machine, then ends QEMU. */
    @Deactivate
    public void deactivate() {
        registration.unregister();
        machine.close();
    }
}
