package org.latebind.machine;

import java.util.List;
import org.latebind.machine.ipmmu.IpmmuFactory;
import org.latebind.machine.ipmmu.ProductRegisterFactory;
import org.latebind.machine.smmu2.Smmu2ModelFactory;
import org.latebind.machine.smmu3.SmmuV3ModelFactory;
import org.latebind.machine.xen.XenModels;

/** Every device model of this bundle. A new model is one more line here. */
public final class BuiltInModels {

    private BuiltInModels() {
    }

    /** The factories, in the order in which they are asked. */
    public static List<ModelFactory> factories() {
        return List.of(
                new IpmmuFactory(),
                new ProductRegisterFactory(),
                new SmmuV3ModelFactory(),
                new Smmu2ModelFactory(),
                new XenModels());
    }
}
