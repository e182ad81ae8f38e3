package org.latebind.smmu.v2;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.latebind.driver.Device;
import org.latebind.iommu.DomainType;
import org.latebind.iommu.IommuClient;

/**
 * Qualcomm's SMMU-500 and SMMUv2. Their firmware leaves streams running (a display scanning out the boot splash): those
 * entries are kept as bypass until a device takes them over. Some firmware refuses bypass entries; there, translation
 * through a disabled context stands in for bypass, and bypass for fault.
 */
final class Qualcomm extends Implementation.Mmu500 {

    private static final int GROUPS_MAX = 128;

    /** Devices that run untranslated because they bring their own translation or run on firmware's mappings. */
    private static final Set<String> IDENTITY = Set.of("qcom,adreno", "qcom,adreno-gmu", "qcom,mdp4", "qcom,mdss",
            "qcom,sc7180-mdss", "qcom,sc7180-mss-pil", "qcom,sc7280-mdss", "qcom,sc7280-mss-pil", "qcom,sc8180x-mdss",
            "qcom,sc8280xp-mdss", "qcom,sdm670-mdss", "qcom,sdm845-mdss", "qcom,sdm845-mss-pil", "qcom,sm6350-mdss",
            "qcom,sm6375-mdss", "qcom,sm8150-mdss", "qcom,sm8250-mdss", "qcom,x1e80100-mdss");

    private final boolean mmu500;
    private final boolean adreno;
    /** Bank that stands in for bypass, or -1. */
    private int quirkBank = -1;

    Qualcomm(boolean mmu500, boolean adreno) {
        this.mmu500 = mmu500;
        this.adreno = adreno;
    }

    /** The variant for a compatible list, or null when none of the strings is Qualcomm's. */
    static Implementation of(List<String> compatible) {
        boolean adreno = compatible.contains("qcom,adreno-smmu");
        for (String c : compatible) {
            if (c.startsWith("qcom,") && c.endsWith("-smmu-500") || c.equals("qcom,smmu-500")) {
                return new Qualcomm(true, adreno);
            }
            if (c.startsWith("qcom,") && c.endsWith("-smmu-v2") || c.equals("qcom,smmu-v2")) {
                return new Qualcomm(false, adreno);
            }
        }
        return null;
    }

    @Override
    public HardwareFeatures adjust(HardwareFeatures features, SmmuHardware hardware) {
        HardwareFeatures f = features.groups() > GROUPS_MAX ? features.withGroups(GROUPS_MAX) : features;
        if (adreno && !mmu500) {
            EnumSet<HardwareFeatures.Format> kept = EnumSet.copyOf(f.formats());
            kept.remove(HardwareFeatures.Format.AARCH64_16K);
            f = f.withFormats(kept);
        }
        return f;
    }

    @Override
    public void inherit(SmmuState state) {
        SmmuHardware hw = state.hardware();
        int last = Math.min(state.features().groups(), GROUPS_MAX) - 1;
        int bypass = StreamMapTable.Type.BYPASS.ordinal() << 16;
        hw.gr0(Registers.s2cr(last), bypass | Registers.S2CR_BYPASS_PROBE);
        if ((hw.gr0(Registers.s2cr(last)) >> 16 & 3) != StreamMapTable.Type.BYPASS.ordinal()) {
            quirkBank = state.features().banks() - 1;
            hw.cb(quirkBank, Registers.CB_SCTLR, 0);
            hw.gr1(Registers.cbar(quirkBank), Registers.CBAR_TYPE_S1_BYPASS);
            hw.log(Device.LogLevel.INFO, "bypass is refused by the firmware, context " + quirkBank + " stands in for it");
        }
        if (!state.features().streamMatching()) {
            return;
        }
        int kept = 0;
        for (int i = 0; i <= last; i++) {
            int smr = hw.gr0(Registers.smr(i));
            if ((smr & Registers.SMR_VALID) != 0) {
                state.streams().inherit(i, smr & 0x7fff, smr >>> 16 & 0x7fff);
                kept++;
            }
        }
        if (kept > 0) {
            hw.log(Device.LogLevel.INFO, "kept " + kept + " stream entries of the firmware");
        }
    }

    @Override
    public void reset(SmmuState state) {
        if (mmu500) {
            super.reset(state);
        }
    }

    @Override
    public int firstBank(IommuClient client, int planned) {
        if (!adreno) {
            return planned;
        }
        boolean gpu = client.idCount() > 0 && (client.id(0) & 0xffff) == 0;
        return gpu ? 0 : Math.max(1, planned);
    }

    @Override
    public int bankLimit(int banks) {
        return quirkBank >= 0 ? banks - 1 : banks;
    }

    @Override
    public int sctlr(int sctlr) {
        return adreno && sctlr != 0 ? sctlr | Registers.SCTLR_HUPCF : sctlr;
    }

    @Override
    public int s2cr(StreamMapTable.Type type, int bank) {
        if (quirkBank >= 0 && type == StreamMapTable.Type.BYPASS) {
            return quirkBank;
        }
        if (quirkBank >= 0 && type == StreamMapTable.Type.FAULT) {
            return StreamMapTable.Type.BYPASS.ordinal() << 16;
        }
        return super.s2cr(type, bank);
    }

    @Override
    public DomainType defaultDomainType(IommuClient client) {
        for (String c : client.properties().strings("compatible")) {
            if (IDENTITY.contains(c)) {
                return DomainType.IDENTITY;
            }
        }
        return null;
    }

    @Override
    public boolean walkFlushByAsid() {
        return true;
    }
}
