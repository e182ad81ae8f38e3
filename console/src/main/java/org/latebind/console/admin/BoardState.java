package org.latebind.console.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.console.report.CoreReport;
import org.latebind.console.report.CoreText;
import org.latebind.hardware.Finding;
import org.latebind.runtime.CoreSnapshot;
import org.latebind.runtime.DeviceStatus;

/**
 * What all of them show.
 *
 * @param snapshot the core's state
 * @param findings what the hardware complained about, oldest first
 */
record BoardState(CoreSnapshot snapshot, List<Finding> findings) {

    private static final int WIDTH = 160;

    /** Devices that have a driver to wait for, and those whose probe failed. */
    List<DeviceStatus> stuck() {
        return snapshot.devices().stream()
                .filter(device -> List.of("PENDING", "FAILED", "BOUND_BLOCKED", "FORCED_OFF").contains(device.outcome())).toList();
    }

    /** For people. */
    String text() {
        StringBuilder text = new StringBuilder("Board ").append(snapshot.board()).append(", policy ").append(snapshot.policy())
                .append("\n\n").append(CoreText.devices(snapshot, false, WIDTH));
        if (!snapshot.deferred().isEmpty()) {
            text.append("\nWaiting, in the order in which they are retried:\n").append(CoreText.deferred(snapshot));
        }
        if (!findings.isEmpty()) {
            text.append("\nThe hardware complains:\n");
            findings.forEach(finding -> text.append("  ").append(finding.rule()).append("  ").append(finding.device()).append(": ")
                    .append(finding.detail()).append('\n'));
        }
        return text.toString();
    }

    /** For programs: the document of {@code run --json}, with the findings. */
    Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>(CoreReport.document(snapshot));
        document.put("findings", findings.stream()
                .map(finding -> Map.of("rule", finding.rule(), "device", finding.device(), "detail", finding.detail())).toList());
        return document;
    }
}
