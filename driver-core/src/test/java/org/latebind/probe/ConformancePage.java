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
            + "Boards, one device a line: `iommu NAME`, `dev NAME -> IOMMU:ID,...` (`bad` an entry that cannot be parsed,"
            + " `unmapped` a requester id without entry), `PROPERTY=SUPPLIER`, `pd=` power domain, `asks=` a supplier the driver"
            + " asks for itself, `legacy=` named in `mmu-masters`, `creates` a virtio child, `node` no device, `as` another"
            + " driver's name. Each device has a module of its own name;"
            + " `built in` says which are part of the kernel, in order.\n"
            + "IOMMUs abort unattached streams unless `bypass`. Expected: device=OUTCOME, `~text` is found in the reason tree,"
            + " `list=` is the deferred list with its reasons.\n");
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
}
