package org.latebind.machine.smmu2;

import java.util.List;
import java.util.Objects;
import org.latebind.hardware.PhysicalMemory;
import org.latebind.machine.ModelFactory;

/**
 * Makes SMMUv1 and SMMUv2 models. Options of the machine, for all instances or as {@code name@path} for one:
 * {@code smmu2.context-banks}, {@code smmu2.stage2-banks}, {@code smmu2.groups}, {@code smmu2.stream-id-bits},
 * {@code smmu2.stream-matching}, {@code smmu2.page-shift}, {@code smmu2.window-size}, {@code smmu2.id0}, {@code smmu2.id2},
 * {@code smmu2.id7}, {@code smmu2.sync-nanos}, {@code smmu2.sync-stuck}, {@code smmu2.bypass-quirk},
 * {@code smmu2.firmware-streams}.
 */
public final class Smmu2ModelFactory implements ModelFactory {

    private final WalkerMaker walkers;

    /** Makes the table walker of one instance. */
    @FunctionalInterface
    interface WalkerMaker {
        PageWalker over(PhysicalMemory memory);
    }

    /** Makes models that walk tables in physical memory. */
    public Smmu2ModelFactory() {
        this(TableWalker::new);
    }

    Smmu2ModelFactory(WalkerMaker walkers) {
        this.walkers = Objects.requireNonNull(walkers, "walkers");
    }

    @Override
    public boolean matches(List<String> compatible) {
        return Variant.of(compatible) != null;
    }

    @Override
    public Model create(Surroundings surroundings) {
        return new Smmu2Model(Configuration.of(surroundings), surroundings, walkers.over(surroundings.memory()));
    }
}
