package org.latebind.machine.ipmmu;

import java.util.List;
import org.latebind.machine.ModelFactory;

/**
 * Makes IPMMU instances of all generations. Options, all off by default:
 *
 * <table>
 * <caption>options</caption>
 * <tr><td>{@value #STRICT}</td><td>{@code true}: an enabled micro-TLB whose context is off faults instead of passing</td></tr>
 * <tr><td>{@value #DIRTY}</td><td>{@code true}: micro-TLBs 0-3 of each leaf come out of reset enabled on context 1</td></tr>
 * <tr><td>{@value #FIRMWARE}</td><td>{@code tf-a}: IMSCTLR and IMSAUXCTLR as the boot firmware leaves them: always in the
 * root, in leaves only of H3 ES2.0, M3-N ES1.0 and 1.1, E3 ES1.0 and 1.1</td></tr>
 * <tr><td>{@value #SECGRP}</td><td>{@code true}: IMSCTLR.USE_SECGRP is set out of reset; a number: each instance's bit is
 * drawn from this seed, as the unknown power-on value of Gen4</td></tr>
 * <tr><td>{@value #CACHE_FAULTS}</td><td>{@code true}: invalid translations are cached too</td></tr>
 * <tr><td>{@value #MULTIPLE_HITS}</td><td>{@code true}: a cached entry that meets another one of the tables is a multiple hit
 * (IMSTR.MHIT) and ends the access; else the cached one is used</td></tr>
 * <tr><td>{@value #FLUSH_MICROS}</td><td>time an invalidation takes, default 2</td></tr>
 * <tr><td>{@value #FLUSH_STUCK}</td><td>{@code true}: an invalidation never ends</td></tr>
 * </table>
 *
 * <p>Memory of this machine is coherent: that tables must be cleaned to memory before the walker sees them is not modelled.
 */
public final class IpmmuFactory implements ModelFactory {

    /** Option: enabled micro-TLB on a dead context faults. */ public static final String STRICT = "ipmmu.strict-mmuen";
    /** Option: micro-TLBs left over from the firmware. */ public static final String DIRTY = "ipmmu.dirty-firmware";
    /** Option: control registers as the firmware leaves them. */ public static final String FIRMWARE = "ipmmu.firmware";
    /** Option: USE_SECGRP set out of reset. */ public static final String SECGRP = "ipmmu.secgrp";
    /** Option: invalid translations are cached. */ public static final String CACHE_FAULTS = "ipmmu.cache-faults";
    /** Option: a stale entry beside a new one is a multiple hit. */
    public static final String MULTIPLE_HITS = "ipmmu.multiple-hits";
    /** Option: microseconds that an invalidation takes. */ public static final String FLUSH_MICROS = "ipmmu.flush-micros";
    /** Option: invalidations never end. */ public static final String FLUSH_STUCK = "ipmmu.flush-stuck";

    @Override
    public boolean matches(List<String> compatible) {
        return IpmmuGeneration.of(compatible) != null;
    }

    @Override
    public Model create(Surroundings surroundings) {
        return new IpmmuModel(IpmmuGeneration.of(surroundings.node().strings("compatible")), surroundings);
    }
}
