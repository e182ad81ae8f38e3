package org.latebind.launcher;

import java.util.Locale;
import org.latebind.probe.LogRecord;
import org.latebind.probe.ProbeEngine;

/** One engine record as a line of text. */
final class ModelLog {

    private static final double MICROS_PER_SECOND = 1e6;

    private ModelLog() {
    }

    static String line(ProbeEngine engine, LogRecord record) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "[%12.6f] ", record.micros() / MICROS_PER_SECOND));
        if (record.device() >= 0) {
            text.append(engine.board().device(record.device()).path()).append(": ");
        }
        text.append(record.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        if (record.driver() >= 0) {
            text.append(' ').append(engine.catalogue().driver(record.driver()).name());
        }
        switch (record.kind()) {
            case LOADED, UNLOADED -> text.append(' ').append(engine.catalogue().module(record.other()).name());
            case GROUP_JOINED, GROUP_LEFT, FAILED, TIMER_ARMED -> text.append(' ').append(record.other());
            case TIMED_OUT, IOMMU_REGISTERED, IOMMU_UNREGISTERED, REFUSED_BY_IOMMU -> {
                if (record.other() >= 0) {
                    text.append(' ').append(engine.board().iommuPath(record.other()));
                }
            }
            default -> { }
        }
        return record.text().isBlank() ? text.toString() : text + " (" + record.text().strip() + ")";
    }
}
