package org.latebind.launcher;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.latebind.explorer.verify.Certificate;
import org.latebind.explorer.verify.CertificateException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks a certificate that {@code explore --certificate} wrote. */
@Command(name = "verify", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Checks a certificate of an exploration without the search: every state, every event, every schedule.",
        footerHeading = "%nExit codes: 0 the certificate holds, 1 it does not, 2 it cannot be read, is truncated, "
                + "or is about another board or other modules.%n")
final class VerifyCommand implements Callable<Integer> {

    @picocli.CommandLine.Parameters(paramLabel = "CERT", description = "A certificate, plain or compressed.")
    private Path certificate;

    @Option(names = "--board", paramLabel = "BOARD", description = "The board (default: the one the certificate names).")
    private String board;

    @Option(names = "--modules", paramLabel = "DIR|FILE", description = "The modules (default: those the certificate names).")
    private Path modules;

    @Override
    public Integer call() {
        Installation installation = Installation.find();
        try (Certificate c = Certificate.open(certificate)) {
            if (board == null && c.input("board") == null) {
                throw new BadInput(certificate + ": names no board; give one with --board");
            }
            BoardFile file = BoardFile.open(board == null ? c.input("board") : board, installation);
            ModuleSource source = new ModuleSource(modules == null ? path(c.input("modules")) : modules, path(c.input("builtins")),
                    installation, c.input("clients") == null ? 0 : Integer.parseInt(c.input("clients")));
            Certificate.Result result = c.verify(file.devices(path(c.input("population"))), source.forBoard(file).catalogue());
            if (result.verified()) {
                System.out.printf("verified: %s under %s is %s (%d cones, %d states, %d transitions, %d schedules replayed)%n",
                        file.name(), c.policy(), result.verdict(), result.cones(), result.states(), result.transitions(),
                        result.schedules());
                return ExitCode.OK;
            }
            System.err.println("latebind: does not verify: " + result.problem());
            return ExitCode.FINDING;
        } catch (CertificateException e) {
            throw new BadInput(e.getMessage());
        }
    }

    private static Path path(String text) {
        return text == null ? null : Path.of(text);
    }
}
