package org.latebind.console.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.pagetable.TableEntry;
import org.latebind.runtime.DomainTable;

/** A page table as a document: one row for each entry, depth first, addresses in hexadecimal. Pure. */
final class TableDocument {

    private static final int ENTRIES_MAX = 2_000;

    private TableDocument() {
    }

    static Map<String, Object> of(DomainTable table) {
        List<Object> rows = new ArrayList<>();
        for (TableEntry entry : table.entries().subList(0, Math.min(ENTRIES_MAX, table.entries().size()))) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("depth", entry.depth());
            row.put("level", entry.level());
            row.put("kind", entry.kind().name());
            row.put("from", hex(entry.iova()));
            row.put("to", hex(entry.last()));
            row.put("target", hex(entry.target()));
            row.put("attributes", entry.attributes());
            rows.add(row);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("format", table.format());
        document.put("total", table.entries().size());
        document.put("entries", rows);
        return document;
    }

    private static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }
}
