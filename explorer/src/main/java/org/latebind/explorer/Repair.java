package org.latebind.explorer;

import java.util.Objects;

/** One change that helps, with the file a user would write. */
public sealed interface Repair {

    /** File or place the line belongs to ({@code /etc/modprobe.d/latebind.conf}). */
    String file();

    /** The line itself. */
    String line();

    /** {@code module} loads after {@code before}. */
    record Softdep(String module, String before) implements Repair {
        /** Checks. */
        public Softdep {
            Objects.requireNonNull(module, "module");
            Objects.requireNonNull(before, "before");
        }

        @Override
        public String file() {
            return "/etc/modprobe.d/latebind.conf";
        }

        @Override
        public String line() {
            return "softdep " + module + " pre: " + before;
        }
    }

    /** The module loads from the initramfs: before all that are not in it, and before the timer fires. */
    record InitramfsMember(String module) implements Repair {
        @Override
        public String file() {
            return "/etc/initramfs-tools/modules";
        }

        @Override
        public String line() {
            return module;
        }
    }

    /**
     * The tree says that the device waits for the supplier: a property that device links follow and no driver asks for. For the end
     * of the board's source, or of what {@code dtc -I dtb -O dts} makes of a compiled tree.
     */
    record DeviceTreeEdge(String device, String supplier) implements Repair {
        /** Property that names the supplier: any name that ends in {@code -supply} makes a link, in every kernel with links. */
        public static final String PROPERTY = "wait-for-supply";

        /** Checks. */
        public DeviceTreeEdge {
            Objects.requireNonNull(device, "device");
            Objects.requireNonNull(supplier, "supplier");
        }

        @Override
        public String file() {
            return "the board's .dts";
        }

        @Override
        public String line() {
            return "&{" + device + "} { " + PROPERTY + " = <&{" + supplier + "}>; };";
        }
    }

    /** The module becomes part of the kernel. */
    record BuiltIn(String module) implements Repair {
        @Override
        public String file() {
            return "kernel configuration";
        }

        @Override
        public String line() {
            return module + "=y";
        }
    }

    /** The bundle starts at this level; level 1 is before late-init and before all bundles without a level. */
    record StartLevel(String module, int level) implements Repair {
        @Override
        public String file() {
            return "latebind.bndrun";
        }

        @Override
        public String line() {
            return "-runbundles+: " + module + ";startlevel=" + level;
        }
    }

    /** A kernel parameter ({@code deferred_probe_timeout=-1}, {@code fw_devlink.strict=1}). */
    record KernelParameter(String name, String value) implements Repair {
        @Override
        public String file() {
            return "kernel command line";
        }

        @Override
        public String line() {
            return name + "=" + value;
        }
    }
}
