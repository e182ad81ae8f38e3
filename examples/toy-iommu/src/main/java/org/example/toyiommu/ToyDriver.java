package org.example.toyiommu;

import org.latebind.driver.Device;
import org.latebind.driver.Driver;
import org.latebind.driver.DriverCapability;
import org.latebind.driver.Errno;
import org.latebind.driver.ProbeResult;
import org.latebind.hardware.Machine;
import org.latebind.hardware.Mmio;
import org.latebind.hardware.PageAllocator;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The driver as a service. It is there when a machine with its hardware is; the capability says what it drives. */
@DriverCapability(name = "toy-iommu", iommu = true, grouping = "instance", compatible = Registers.COMPATIBLE)
@Component(service = Driver.class, property = Driver.NAME + "=toy-iommu")
public final class ToyDriver implements Driver {

    /** Needs nothing of the machine but its being there: the device brings it. */
    @Activate
    public ToyDriver(@Reference(target = "(latebind.hardware=" + Registers.COMPATIBLE + ")") Machine machine) {
    }

    @Override
    public ProbeResult probe(Device device) {
        Mmio registers = device.registers(0);
        if (registers.read32(Registers.ID) != Registers.ID_VALUE) {
            return ProbeResult.failed(Errno.ENODEV, "no toy IOMMU answers");
        }
        PageAllocator pages = device.machine().pages();
        long table = pages.allocate(Registers.TABLE_BYTES, Registers.PAGE, 40);
        if (table == PageAllocator.NONE) {
            return ProbeResult.failed(Errno.ENOMEM, "no memory for the table");
        }
        registers.write32(Registers.STREAMS, 0);
        registers.write64(Registers.TABLE, table);
        registers.write32(Registers.FLUSH, 1);
        registers.write32(Registers.ENABLE, 1);
        return ProbeResult.bound(() -> {
            registers.write32(Registers.ENABLE, 0);
            registers.write32(Registers.FLUSH, 1);
            pages.free(table, Registers.TABLE_BYTES);
        }).withIommu(new ToyUnit(device.path(), registers, device.machine().memory(), table));
    }
}
