package org.latebind.explorer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.latebind.probe.Board;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Reason;

/**
 * Finds repairs: candidates from the device's own cone, one change before two, each verified by exploring the cone again with
 * the change in place. A repair is good when the device no longer shows the finding and no other finding in its stead.
 */
final class Repairs {

    private static final int PAIRS_MAX = 40;
    private static final int SINGLES_MAX = 16;
    /** Distinct questions that are explored again; beyond, findings go without repair. */
    private static final int QUESTIONS_MAX = 400;

    private final ExplorerInput input;
    private final Machine machine;
    private final Cones cones;
    private final KnownCones searches;
    private final Map<Set<Repair>, Machine> repaired = new HashMap<>();
    private final Map<String, List<Integer>> known = new HashMap<>();
    private int questions;

    Repairs(ExplorerInput input, Machine machine, KnownCones searches) {
        this.input = input;
        this.machine = machine;
        this.cones = new Cones(machine, input.limits(), searches);
        this.searches = searches;
    }

    List<Finding> of(List<Finding> findings) {
        List<Finding> result = new ArrayList<>();
        for (Finding finding : findings) {
            List<Repair> repair = repair(finding);
            result.add(finding.withRepair(repair, !repair.isEmpty()));
        }
        return result;
    }

    private List<Repair> repair(Finding finding) {
        List<Repair> candidates = candidates(finding);
        int device = machine.engine.board().deviceIndex(finding.device());
        // Devices with cones of one shape have candidates of one shape: what was verified for one of them holds for all.
        String question = finding.rule() + " " + candidates.size() + " " + cones.shape(device);
        List<Integer> same = known.get(question);
        if (same == null) {
            same = search(finding, candidates);
            known.put(question, same);
        }
        return same.stream().map(candidates::get).toList();
    }

    /** Places of the first candidate, or pair of candidates, that helps. */
    private List<Integer> search(Finding finding, List<Repair> candidates) {
        for (int i = 0; i < candidates.size() && i < SINGLES_MAX; i++) {
            if (helps(List.of(candidates.get(i)), finding)) {
                return List.of(i);
            }
        }
        int pairs = 0;
        for (int i = 0; i < candidates.size(); i++) {
            for (int j = i + 1; j < candidates.size() && pairs < PAIRS_MAX; j++) {
                pairs++;
                if (helps(List.of(candidates.get(i), candidates.get(j)), finding)) {
                    return List.of(i, j);
                }
            }
        }
        return List.of();
    }

    private List<Repair> candidates(Finding finding) {
        int device = machine.engine.board().deviceIndex(finding.device());
        Set<String> behind = new LinkedHashSet<>(Suppliers.modules(machine, finding.cause()));
        behind.addAll(Suppliers.coneModules(machine, device));
        List<Repair> candidates = new ArrayList<>();
        List<String> own = Suppliers.ownModules(machine, device).stream()
            .filter(m -> !machine.engine.catalogue().module(machine.engine.catalogue().moduleIndex(m)).builtin()).toList();
        // Who would be refused because of others' streams comes before them.
        for (int other : machine.influence.streamNeighbours(device)) {
            Suppliers.ownModules(machine, other).stream().filter(m -> !own.contains(m)).filter(m -> !machine.engine.catalogue()
                .module(machine.engine.catalogue().moduleIndex(m)).builtin())
                .forEach(m -> own.forEach(mine -> candidates.add(new Repair.Softdep(m, mine))));
        }
        for (String module : own) {
            behind.forEach(before -> candidates.add(new Repair.Softdep(module, before)));
        }
        behind.forEach(module -> candidates.add(new Repair.InitramfsMember(module)));
        behind.forEach(module -> candidates.add(new Repair.StartLevel(module, 1)));
        if (input.parameters().timeoutSeconds(input.policy()) >= 0) {
            candidates.add(new Repair.KernelParameter("deferred_probe_timeout", "-1"));
        }
        if (!input.parameters().strict(input.policy()) && input.parameters().fwDevlink(input.policy()).holds()) {
            candidates.addAll(edges(finding, device));
            candidates.add(new Repair.KernelParameter("fw_devlink.strict", "1"));
        }
        behind.forEach(module -> candidates.add(new Repair.BuiltIn(module)));
        return candidates;
    }

    /** Edges to the suppliers of the reason tree, where waiting for one can help. */
    private List<Repair> edges(Finding finding, int device) {
        List<Repair> edges = new ArrayList<>();
        boolean bindsTooEarly = finding.rule() == Rule.BOUND_THEN_BLOCKED || finding.rule() == Rule.BOUND_UNTRANSLATED
            || finding.rule() == Rule.ORDER_DEPENDENT && finding.outcome().isBound();
        Board board = machine.engine.board();
        if (bindsTooEarly && board.device(device).node() >= 0) {
            for (Reason cause : finding.cause().causes()) {
                int supplier = board.deviceIndex(cause.subject());
                if (supplier >= 0 && supplier != device && board.device(supplier).node() >= 0) {
                    edges.add(new Repair.DeviceTreeEdge(board.device(device).path(), board.device(supplier).path()));
                }
            }
        }
        return edges;
    }

    private boolean helps(List<Repair> repairs, Finding finding) {
        if (questions++ > QUESTIONS_MAX) {
            return false;
        }
        Set<Repair> key = new HashSet<>(repairs);
        if (!repaired.containsKey(key)) {
            repaired.put(key, apply(repairs));
        }
        Machine changed = repaired.get(key);
        if (changed == null) {
            return false;
        }
        int device = changed.engine.board().deviceIndex(finding.device());
        Map<Integer, Ways> ways = new Cones(changed, input.limits().withThreads(1), searches).solve(new int[] {device});
        Ways end = ways.get(device);
        if (!end.complete() || end.ways().isEmpty()) {
            return false;
        }
        return new Findings(changed).of(List.of(end)).isEmpty();
    }

    /** The machine with the changes, or null when they contradict the constraints. */
    private Machine apply(List<Repair> repairs) {
        ExplorerInput changed = input;
        for (Repair repair : repairs) {
            changed = apply(changed, repair);
        }
        try {
            boolean same = changed.catalogue() == input.catalogue() && changed.parameters() == input.parameters()
                && changed.board() == input.board();
            return same ? new Machine(machine, changed) : new Machine(changed);
        } catch (ContradictionException e) {
            return null;
        }
    }

    private ExplorerInput apply(ExplorerInput in, Repair repair) {
        if (repair instanceof Repair.Softdep r) {
            return in.withConstraints(in.constraints().with(new Constraints.Order(r.before(), r.module(),
                Constraints.Origin.SOFTDEP)));
        } else if (repair instanceof Repair.InitramfsMember r) {
            Set<String> members = new HashSet<>(in.constraints().initramfs());
            members.add(r.module());
            return in.withConstraints(in.constraints().withInitramfs(members).with(new Constraints.Order(r.module(),
                Constraints.EXPIRE, Constraints.Origin.INITRAMFS)));
        } else if (repair instanceof Repair.StartLevel r) {
            Map<String, Integer> levels = new HashMap<>(in.constraints().startLevels());
            levels.put(r.module(), r.level());
            return in.withConstraints(in.constraints().withStartLevels(levels));
        } else if (repair instanceof Repair.KernelParameter r) {
            return in.withParameters(in.parameters().with(r.name(), r.value()));
        }
        if (repair instanceof Repair.DeviceTreeEdge r) {
            Board board = in.board();
            return in.withBoard(board.withSupply(board.deviceIndex(r.device()), Repair.DeviceTreeEdge.PROPERTY,
                board.deviceIndex(r.supplier())));
        }
        Repair.BuiltIn builtIn = (Repair.BuiltIn) repair;
        List<KernelModule> modules = new ArrayList<>();
        for (KernelModule module : machine.engine.catalogue().modules()) {
            modules.add(module.name().equals(builtIn.module()) ? module.asBuiltin(true) : module);
        }
        return in.withCatalogue(new ModuleCatalogue(modules));
    }
}
