package org.latebind.smmu.v2;

import java.util.ArrayList;
import java.util.HashSet;
import org.latebind.driver.Device;
import org.latebind.hardware.Mmio;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;

/** What one implementation does in its own way; the defaults are the architecture's. */
interface Implementation {

    /** The architecture as it is written. */
    Implementation GENERIC = new Implementation() { };

    /** How register accesses travel. */
    default RegisterBus bus(Device device) {
        return new RegisterBus.Plain(device.registers(0));
    }

    /** Corrects what the identification registers say, right after they were read. */
    default HardwareFeatures adjust(HardwareFeatures features, SmmuHardware hardware) {
        return features;
    }

    /** Takes over what the firmware left, before the first reset. */
    default void inherit(SmmuState state) {
    }

    /** Extra steps of a reset, before the global TLB synchronisation. */
    default void reset(SmmuState state) {
    }

    /** Added to every ASID and VMID. */
    default int idBase() {
        return 0;
    }

    /** First bank to search for a context of this client. */
    default int firstBank(IommuClient client, int planned) {
        return planned;
    }

    /** Last bank to hand out, exclusive. */
    default int bankLimit(int banks) {
        return banks;
    }

    /** The SCTLR value to write instead of {@code sctlr}. */
    default int sctlr(int sctlr) {
        return sctlr;
    }

    /** The S2CR value to write for an entry. */
    default int s2cr(StreamMapTable.Type type, int bank) {
        return type.ordinal() << 16 | bank;
    }

    /** The type the hardware insists on for a client, or null. */
    default DomainType defaultDomainType(IommuClient client) {
        return null;
    }

    /** A walk flush drops the whole address space (one operation instead of many). */
    default boolean walkFlushByAsid() {
        return false;
    }

    /** Calxeda: the registers are in the secure view. */
    final class Calxeda implements Implementation {
        @Override
        public RegisterBus bus(Device device) {
            return new RegisterBus.SecureAlias(device.registers(0));
        }
    }

    /** Cavium erratum 27704: TLBs of all instances are one, so that ids must not repeat among them. */
    record Cavium(int idBase) implements Implementation {
    }

    /** Arm MMU-500. */
    class Mmu500 implements Implementation {
        @Override
        public void reset(SmmuState state) {
            SmmuHardware hw = state.hardware();
            int major = hw.gr0(Registers.ID7) >> 4 & 15;
            int sacr = hw.gr0(Registers.SACR);
            if (major >= 2) {
                sacr &= ~Registers.SACR_CACHE_LOCK;
            }
            // Entries that bypass or fault, and lookups without a match, are worth caching too.
            hw.gr0(Registers.SACR, sacr | Registers.SACR_SMTNMB_TLBEN | Registers.SACR_S2CRB_TLBEN);
            // The prefetcher of many revisions is broken.
            for (int bank = 0; bank < state.features().banks(); bank++) {
                int actlr = hw.cb(bank, Registers.CB_ACTLR) & ~Registers.ACTLR_CPRE;
                hw.cb(bank, Registers.CB_ACTLR, actlr);
                if ((hw.cb(bank, Registers.CB_ACTLR) & Registers.ACTLR_CPRE) != 0) {
                    hw.log(Device.LogLevel.WARNING, "failed to disable prefetcher of context " + bank
                            + " for errata workarounds, check SACR.CACHE_LOCK");
                }
            }
        }
    }

    /** Marvell AP806: 32-bit bus, no 64-bit formats. */
    final class Marvell extends Mmu500 {
        @Override
        public RegisterBus bus(Device device) {
            return new RegisterBus.Split(device.registers(0));
        }

        @Override
        public HardwareFeatures adjust(HardwareFeatures features, SmmuHardware hardware) {
            var kept = new HashSet<>(features.formats());
            kept.removeAll(HardwareFeatures.Format.AARCH64);
            return features.withFormats(kept);
        }
    }

    /** NVIDIA: up to two instances that share the traffic. */
    final class Nvidia implements Implementation {
        private static final int INSTANCES_MAX = 2;

        @Override
        public RegisterBus bus(Device device) {
            var instances = new ArrayList<RegisterBus>();
            for (int i = 0; i < Math.min(INSTANCES_MAX, device.registerCount()); i++) {
                Mmio mmio = device.registers(i);
                instances.add(new RegisterBus.Plain(mmio));
            }
            return instances.size() == 1 ? instances.get(0) : new RegisterBus.Mirrored(instances);
        }

        @Override
        public void reset(SmmuState state) {
            for (SmmuHardware instance : state.hardware().instances()) {
                instance.gr0(Registers.SGFSR, instance.gr0(Registers.SGFSR));
            }
        }
    }
}
