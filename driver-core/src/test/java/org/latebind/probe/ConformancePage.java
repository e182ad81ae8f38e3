package org.latebind.probe;

import java.util.List;

/** Writes the conformance list as a page. */
final class ConformancePage {

    private ConformancePage() {
    }

    static String of(List<Situation> all) {
        StringBuilder page = new StringBuilder("# Conformance list of the probe engine\n\n"
            + "Generated from `driver-core/src/test/resources/conformance/*.yaml` by `ConformanceTest`"
            + " (`-Dlatebind.write=true` writes it anew). " + all.size() + " situations.\n\n"
            + "Boards, one device a line: `iommu NAME`, `dev NAME -> IOMMU:ID[/MASK],...` (`bad` an entry that cannot be parsed,"
            + " `unmapped` a requester id without entry), `PROPERTY=SUPPLIER`, `pd=` power domain, `asks=` a supplier the"
            + " driver asks for itself, `legacy=` named in `mmu-masters`, `pci=` PCI group, `creates` a virtio child, `node` no device,"
            + " `as` another driver's name. Each device has a module of its own name;"
            + " `built in` says which are part of the kernel, in order.\n"
            + "IOMMUs abort unattached streams unless `bypass`. Expected: device=OUTCOME, `~text` is found in the reason tree,"
            + " `list=` is the deferred list with its reasons, `order=`, `released=` and `forced=` who was bound, let go and"
            + " forced off, in order. `fail DEVICE ERRNO [DRIVER]`: from now on that probe fails; 517 defers it, 0 lifts it.\n");
        String rule = "";
        for (Situation s : all) {
            String key = s.file() + s.rule() + s.board();
            if (!key.equals(rule)) {
                rule = key;
                page.append("\n## ").append(s.rule()).append("\n\nSheet ").append(s.sheet()).append(". Board: `")
                    .append(s.board().strip().replace("\n", "; ")).append('`')
                    .append(s.builtin().isEmpty() ? "" : "; built in: " + s.builtin())
                    .append(s.drivers().isEmpty() ? "" : "; drivers: " + new java.util.TreeMap<>(s.drivers()))
                    .append(s.levels().isEmpty() ? "" : "; levels: " + new java.util.TreeMap<>(s.levels()))
                    .append(s.params().isEmpty() ? "" : "; parameters: `" + s.params() + "`").append(s.acpi() ? "; ACPI" : "")
                    .append(".\nEvents: ").append(s.events()).append(".\n\n| policy | expected |\n|---|---|\n");
            }
            page.append("| ").append(s.policy().name()).append(" | ").append(s.expected()).append(" |\n");
        }
        return page.toString();
    }

    /** The part about trees and PCI functions. */
    static String ofFacts(List<TreeFact> all) {
        StringBuilder page = new StringBuilder("\n# Questions to trees and PCI functions\n\nFrom `tree-facts.yaml` by"
            + " `TreeFactsTest`. " + all.size() + " questions. `masks PATH RULE DMA COHERENT`: both masks after configuration"
            + " (`size`: 5.10 and 6.1, `end`: 7.x; `-` for a mask the bus did not give; `unforced`: a bus that configures only"
            + " devices with ranges) and the bus limit, all hexadecimal; `map RID [7.3]`: where the host's `iommu-map` sends a"
            + " requester id; `aliases`: the ids of a function in asking order; `groups`: partition of all functions;"
            + " `devices`: bus and name of every device, in creation order;"
            + " `regions PATH`: reserved regions of a device; `outcome DEVICE [POLICY [TIMEOUT]]`: end state with host, function and IOMMU"
            + " drivers built in, policy timeout-multi, unattached streams passing; `numbers POLICY`: the groups of that state.\n");
        String rule = "";
        for (TreeFact fact : all) {
            if (!fact.rule().equals(rule)) {
                rule = fact.rule();
                page.append("\n## ").append(rule).append("\n\nSheet ").append(fact.sheet()).append('.')
                    .append(fact.tree().isEmpty() ? "" : " Tree: `" + fact.tree() + "`.")
                    .append(fact.functions().isEmpty() ? "" : " Functions: `" + fact.functions().strip().replace("\n", "; ")
                        + "`.").append("\n\n| question | answer |\n|---|---|\n");
            }
            page.append("| ").append(fact.question()).append(" | ").append(fact.expected().isEmpty() ? "none" : fact.expected())
                .append(" |\n");
        }
        return page.toString();
    }
}
