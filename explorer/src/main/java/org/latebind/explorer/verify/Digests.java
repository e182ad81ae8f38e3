package org.latebind.explorer.verify;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.latebind.probe.Board;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;

/** What a certificate is about, as SHA-256 of all that can decide anything. */
public final class Digests {

    private Digests() {
    }

    /** Digest of a board: its devices with everything they name. */
    public static String of(Board board) {
        StringBuilder text = new StringBuilder(board.name()).append('\n');
        for (int d = 0; d < board.deviceCount(); d++) {
            text.append(board.device(d)).append('\n');
        }
        return sha256(text);
    }

    /** Digest of a catalogue: its modules, built-in or not, and the tables of their drivers. */
    public static String of(ModuleCatalogue catalogue) {
        StringBuilder text = new StringBuilder();
        for (KernelModule module : catalogue.modules()) {
            text.append(module.name()).append('|').append(module.builtin()).append('|').append(module.level()).append('|')
                .append(module.rank()).append('\n');
            for (DriverDescription d : module.drivers()) {
                text.append("  ").append(d.name()).append('|').append(d.bus()).append('|').append(d.compatible()).append('|')
                    .append(d.ids()).append('|').append(d.iommu()).append('|').append(d.translates()).append('|')
                    .append(d.unattached()).append('|').append(d.enabledAfterRemove()).append('|').append(d.async()).append('|')
                    .append(d.forceSync()).append('|').append(d.createsDevices()).append('|').append(d.suppliersAsked())
                    .append('|').append(d.manualBind()).append('|').append(d.clientLinks()).append('|').append(d.grouping())
                    .append('|').append(d.allowedClients() == null ? "all" : new java.util.TreeSet<>(d.allowedClients()))
                    .append('|').append(d.deferBecomesError()).append('|').append(d.legacyBinding()).append('|')
                    .append(d.streamIdMax()).append(d.createsFirst() ? "|first" : "").append('\n');
            }
        }
        return sha256(text);
    }

    private static String sha256(CharSequence text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                .digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
