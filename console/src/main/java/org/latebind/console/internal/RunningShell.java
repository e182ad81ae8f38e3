package org.latebind.console.internal;

import org.apache.felix.gogo.jline.Shell;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** Gogo's shell that reads commands, where one is open. Asked for by name: most frameworks have neither shell nor its classes. */
final class RunningShell {

    private static final String NAME = "org.apache.felix.gogo.jline.Shell";

    private RunningShell() {
    }

    /**
     * Lets the shell read no further line: when the command that runs is over, its own thread takes the framework down.
     *
     * @return whether there is a shell
     */
    static boolean end(BundleContext context) {
        ServiceReference<?> reference = context.getServiceReference(NAME);
        return reference != null && Reader.end(context.getService(reference));
    }

    /** All that needs the shell's class. */
    private static final class Reader {

        private static boolean end(Object service) {
            if (service instanceof Shell shell) {
                shell.stop();
                return true;
            }
            return false;
        }
    }
}
