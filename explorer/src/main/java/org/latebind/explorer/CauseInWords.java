package org.latebind.explorer;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.latebind.probe.Event;
import org.latebind.probe.KernelModule;
import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;

/**
 * Says a finding in one sentence: what is wrong, then why, down the first cause of each level of the reason tree. The device
 * itself is not named, because reports name it beside the sentence; so equal sentences mean equal troubles.
 */
final class CauseInWords {

    private static final int DEPTH_MAX = 6;

    private final Machine machine;
    private final List<Event> way;

    /** For findings shown by these events. */
    CauseInWords(Machine machine, List<Event> way) {
        this.machine = machine;
        this.way = way;
    }

    /** The sentence; {@code ends} are the outcomes that orders reach, for the rule that is about them. */
    String sentence(Rule rule, Outcome outcome, List<Outcome> ends, Reason reason) {
        return what(rule, outcome, ends) + ": " + why(reason, 0) + '.';
    }

    private static String what(Rule rule, Outcome outcome, List<Outcome> ends) {
        return switch (rule) {
            case NEVER_BOUND -> "No order binds it";
            case BOUND_UNTRANSLATED -> "Bound without its IOMMU, its DMA is not translated";
            case BOUND_THEN_BLOCKED -> "Bound without its IOMMU, which aborts its DMA";
            case ORDER_DEPENDENT -> "The order decides between "
                + ends.stream().map(Outcome::name).sorted().collect(Collectors.joining(", ")) + "; here " + outcome;
            case STRANDED_AFTER_UNLOAD -> "Without driver after an unload and the reload, though every order without one binds it";
            case LOST_IOMMU_AFTER_SUPPLIER_UNLOAD -> "Still bound after the unload, its IOMMU gone, "
                + (outcome == Outcome.BOUND_BLOCKED ? "its DMA aborted" : "its DMA not translated");
            case SUPPLIER_NOT_IN_INITRAMFS -> "Its driver is there early, a module it needs is not";
            case REPROBE_LIVELOCK -> "It probes without end";
        };
    }

    private String why(Reason reason, int depth) {
        String text = text(reason);
        if (reason.causes().isEmpty() || depth >= DEPTH_MAX) {
            return text;
        }
        Reason cause = reason.causes().get(0);
        return text + link(text, cause) + state(cause, text, depth + 1);
    }

    /** What leads from a reason to its cause. */
    private static String link(String text, Reason cause) {
        if (cause.kind() == Reason.Kind.NOTHING || cause.kind() == Reason.Kind.MODULE) {
            return ": ";
        }
        String subject = text.endsWith(cause.subject()) ? "it" : cause.subject();
        return cause.property().isEmpty() ? "; " + subject + ", " : "; " + cause.property() + " names " + subject + ", ";
    }

    private String state(Reason cause, String parent, int depth) {
        switch (cause.kind()) {
            case NOTHING:
                return "no driver in the catalogue matches " + cause.subject();
            case MODULE:
                return "module " + cause.subject() + " would drive it";
            case NODE:
                return cause.causes().isEmpty() ? cause.text() : cause.text() + "; it is part of "
                    + cause.causes().get(0).subject() + ", " + state(cause.causes().get(0), cause.text(), depth + 1);
            default:
                break;
        }
        if (cause.text().equals("see above")) {
            return "which is waited for in a circle";
        }
        String outcome = cause.text().substring(0, Math.max(0, cause.text().indexOf(':')));
        if (outcome.equals(Outcome.NO_DRIVER.name())) {
            return "which has no driver" + (cause.causes().isEmpty() ? "" : link("", cause.causes().get(0))
                + state(cause.causes().get(0), "", depth + 1)) + (amba(cause.subject())
                ? ", an AMBA device, whose driver goes by a number that neither the tree nor a module directory holds" : "");
        }
        if (outcome.startsWith("BOUND")) {
            // It was there and said no: nothing came late.
            if (parent.startsWith("attaching to its IOMMU failed")) {
                return "which is bound";
            }
            return parent.contains("unbound") ? "which is bound again" : "which bound only later" + lateModule(cause.subject());
        }
        return outcome.isEmpty() ? cause.text() : "which is " + outcome + " (" + why(cause, depth) + ")";
    }

    private boolean amba(String path) {
        int device = machine.engine.board().deviceIndex(path);
        return device >= 0 && machine.engine.board().device(device).compatible().contains("arm,primecell");
    }

    /** Which load brought the device up, when it came after the wait for it was over. */
    private String lateModule(String path) {
        int device = machine.engine.board().deviceIndex(path);
        if (device < 0) {
            return "";
        }
        int over = -1;
        String end = "";
        for (int i = 0; i < way.size(); i++) {
            if (way.get(i) instanceof Event.Expire || way.get(i) instanceof Event.LateInit) {
                over = i;
                end = way.get(i) instanceof Event.Expire ? "the timer fired" : Constraints.LATE_INIT;
            }
        }
        List<String> own = Suppliers.ownModules(machine, device);
        for (int i = over + 1; over >= 0 && i < way.size(); i++) {
            if (way.get(i) instanceof Event.Load load) {
                KernelModule module = machine.engine.catalogue().module(load.module());
                if (own.contains(module.name())) {
                    return ": module " + module.name() + " came after " + end;
                }
            }
        }
        return "";
    }

    /** A reason's text without the outcome in front. */
    private static String text(Reason reason) {
        int colon = reason.text().indexOf(": ");
        String first = colon < 0 ? "" : reason.text().substring(0, colon);
        return !first.isEmpty() && first.equals(first.toUpperCase(Locale.ROOT)) ? reason.text().substring(colon + 2)
            : reason.text();
    }
}
