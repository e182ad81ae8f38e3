package org.latebind.machine.walk;

import org.latebind.hardware.PhysicalMemory;

/**
 * Walks translation tables as a memory management unit does. No state: what is cached is the caller's business. The
 * only thing a walk writes is the access flag or dirty state, when the configuration says hardware does.
 */
public final class Walker {

    private Walker() {
    }

    /**
     * Translates one address.
     *
     * @param memory where the tables lie
     * @param config how to read them; not null
     * @param iova   input address
     * @param access what is wanted; not null
     * @return the translation or the fault; not null
     */
    public static WalkResult walk(PhysicalMemory memory, WalkConfig config, long iova, Access access) {
        if (config instanceof LongWalk longWalk) {
            return new LongWalker(memory, longWalk, null).walk(iova, access);
        }
        return new ShortWalker(memory, (ShortWalk) config).walk(iova, access);
    }

    /**
     * Translates through both stages. Table addresses of stage 1 are intermediate addresses and go through stage 2.
     *
     * @param first  stage 1; null passes addresses on
     * @param second stage 2; not null
     * @return the result of the stage that ended the walk: stage 2 with the final address, or a fault of either. The page
     *         size is the smaller of the two leaves', writable needs both, attributes are those of stage 1 if there is one
     */
    public static WalkResult walkNested(PhysicalMemory memory, LongWalk first, LongWalk second, long iova, Access access) {
        LongWalker stage2 = new LongWalker(memory, second, null);
        if (first == null) {
            return stage2.walk(iova, access);
        }
        WalkResult one = new LongWalker(memory, first, stage2).walk(iova, access);
        if (!one.ok()) {
            return one;
        }
        WalkResult two = stage2.walk(one.address(), access);
        if (!two.ok()) {
            return two;
        }
        return new WalkResult(WalkResult.Fault.NONE, 2, two.level(), two.descriptorAddress(), two.descriptor(), two.address(),
                Math.min(one.pageBytes(), two.pageBytes()), one.writable() && two.writable(), one.attributes());
    }
}
