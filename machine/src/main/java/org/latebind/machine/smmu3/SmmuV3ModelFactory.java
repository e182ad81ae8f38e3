package org.latebind.machine.smmu3;

import java.util.List;
import org.latebind.machine.ModelFactory;

/**
 * Makes SMMUv3 models. Machine options (hexadecimal or decimal numbers): {@code smmu3.idr0}, {@code smmu3.idr1},
 * {@code smmu3.idr3}, {@code smmu3.idr5}, {@code smmu3.iidr}, {@code smmu3.aidr} replace identification registers; the
 * defaults describe a device with both stages, 16 stream id bits and 48-bit output addresses.
 * {@code smmu3.joint-configuration-cache=true} caches entry and descriptor of a stream as one, as QEMU does; by default
 * CMD_CFGI_CD leaves the entry. Stateless and thread safe.
 */
public final class SmmuV3ModelFactory implements ModelFactory {

    @Override
    public boolean matches(List<String> compatible) {
        return compatible.contains("arm,smmu-v3");
    }

    @Override
    public Model create(Surroundings surroundings) {
        return new SmmuV3Model(surroundings);
    }
}
