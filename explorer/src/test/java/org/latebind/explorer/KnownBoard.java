package org.latebind.explorer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.latebind.probe.Board;
import org.latebind.probe.BoardBuilder;
import org.latebind.probe.DriverDescription;
import org.latebind.probe.KernelModule;
import org.latebind.probe.ModuleCatalogue;
import org.latebind.probe.Outcome;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;
import org.latebind.probe.Unattached;

/** One board of {@code known-boards/*.boards} with what is known of it; the README there explains the format. */
final class KnownBoard {

    final String title;
    String source = "";
    final List<Answer> answers = new ArrayList<>();
    private final List<List<String>> nodes = new ArrayList<>();
    private final List<List<String>> modules = new ArrayList<>();
    private Constraints constraints = Constraints.NONE;

    /** What holds under some policies with some parameters and events. */
    final class Answer {
        final List<String> policies;
        private final List<String> settings;
        private final List<List<String>> more = new ArrayList<>();
        final Map<String, Set<Outcome>> ends = new LinkedHashMap<>();
        final Set<String> findings = new TreeSet<>();
        /** By device and rule: lines of the repair. */
        final Map<String, List<String>> repairs = new LinkedHashMap<>();
        /** By device and rule: words of the sentence. */
        final Map<String, String> sentences = new LinkedHashMap<>();
        /** By device and outcome: the schedule. */
        final Map<String, String> ways = new LinkedHashMap<>();
        String verdict = "";

        Answer(List<String> words) {
            policies = List.of(words.get(0).split(","));
            settings = words.subList(1, words.size());
        }

        ExplorerInput input(String policy) {
            Parameters parameters = Parameters.DEFAULTS;
            AllowedEvents events = AllowedEvents.DEFAULT;
            Constraints all = constraints;
            for (String setting : settings) {
                String[] pair = setting.split("=", 2);
                if (pair[0].equals("allow")) {
                    events = AllowedEvents.parse(pair[1]);
                } else if (pair[0].equals("before")) {
                    String[] names = pair[1].split(":");
                    all = all.with(new Constraints.Order(names[0], names[1], Constraints.Origin.GIVEN));
                } else {
                    parameters = parameters.with(pair[0], pair[1]);
                }
            }
            List<KernelModule> catalogue = new ArrayList<>();
            for (List<String> words : modules) {
                catalogue.add(module(words, catalogue.size()));
            }
            for (List<String> words : more) {
                catalogue.add(module(words, catalogue.size()));
            }
            return new ExplorerInput(board(), new ModuleCatalogue(catalogue), Policy.named(policy), parameters, all, events,
                Limits.DEFAULT.withThreads(1));
        }

        private void line(List<String> words) {
            List<String> rest = words.subList(1, words.size());
            String text = String.join(" ", rest.subList(Math.min(2, rest.size()), rest.size()));
            switch (words.get(0)) {
                case "ends" -> {
                    Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
                    rest.subList(1, rest.size()).forEach(word -> outcomes.add(Outcome.valueOf(word)));
                    ends.put(rest.get(0), outcomes);
                }
                case "finds" -> rest.subList(1, rest.size()).forEach(rule -> findings.add(rest.get(0) + ' ' + rule));
                case "repair" -> repairs.put(rest.get(0) + ' ' + rest.get(1), List.of(text.split(" & ")));
                case "says" -> sentences.put(rest.get(0) + ' ' + rest.get(1), text);
                case "way" -> ways.put(rest.get(0) + ' ' + rest.get(1), text);
                case "verdict" -> verdict = rest.get(0);
                case "with" -> more.add(rest);
                default -> throw new IllegalArgumentException(title + ": " + words);
            }
        }
    }

    private KnownBoard(String title) {
        this.title = title;
    }

    static List<KnownBoard> read(String resource) {
        String text;
        try (InputStream in = KnownBoard.class.getResourceAsStream("/known-boards/" + resource)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<KnownBoard> boards = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("board ")) {
                boards.add(new KnownBoard(line.substring("board ".length())));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                boards.get(boards.size() - 1).line(line);
            }
        }
        return boards;
    }

    private void line(String line) {
        List<String> words = Arrays.asList(line.strip().split("\\s+"));
        switch (words.get(0)) {
            case "source" -> source += line.strip().substring("source".length());
            case "node", "device", "child" -> nodes.add(words);
            case "module", "builtin" -> modules.add(words);
            case "before" -> constraints = constraints.with(new Constraints.Order(words.get(1), words.get(2),
                Constraints.Origin.GIVEN));
            case "initramfs" -> constraints = constraints.withInitramfs(new HashSet<>(words.subList(1, words.size())));
            case "under" -> answers.add(new Answer(words.subList(1, words.size())));
            default -> answers.get(answers.size() - 1).line(words);
        }
    }

    private Board board() {
        BoardBuilder board = Board.builder(title.split(" ")[0]);
        for (List<String> words : nodes) {
            if (words.get(0).equals("node")) {
                node(board.node(words.get(1)), words.subList(2, words.size()));
            } else if (words.get(0).equals("device")) {
                device(board.device(words.get(1), words.get(2)), words.subList(3, words.size()));
            } else {
                // child CREATOR BUS PATH DRIVER
                device(board.child(words.get(1), words.get(2), words.get(3).substring(words.get(3).lastIndexOf('/') + 1),
                    words.get(3)).driverHint(words.get(4)), words.subList(5, words.size()));
            }
        }
        return board.build();
    }

    private static void node(BoardBuilder.NodeDraft node, List<String> words) {
        for (String word : words) {
            switch (word) {
                case "disabled" -> node.disabled();
                case "early" -> node.early();
                case "iommu" -> node.isIommu();
                default -> throw new IllegalArgumentException(word);
            }
        }
    }

    private static void device(BoardBuilder.DeviceDraft device, List<String> words) {
        for (String word : words) {
            String[] pair = word.split("=", 2);
            switch (pair[0]) {
                case "iommu" -> device.isIommu();
                case "iommus" -> {
                    for (String entry : pair[1].split(",")) {
                        device.iommus(entry.split(":")[0], java.util.Arrays.stream(entry.split(":")[1].split("/"))
                            .mapToInt(Integer::decode).toArray());
                    }
                }
                case "rid" -> device.mapped(pair[1].split(":")[0], Integer.parseInt(pair[1].split(":")[1]));
                case "mmu-masters-of" -> device.legacyMaster(pair[1]);
                case "fails" -> device.probeErrno(Integer.parseInt(pair[1]));
                case "bad-iommus" -> device.badEntry(org.latebind.probe.IommuEntry.END);
                default -> {
                    if (pair[0].startsWith("child:")) {
                        device.asks(pair[0].substring("child:".length()), pair[1]);
                    } else {
                        device.supplier(pair[0], pair[1]);
                    }
                }
            }
        }
    }

    private static KernelModule module(List<String> words, int rank) {
        DriverDescription driver = DriverDescription.named(words.get(1));
        for (String word : words.subList(2, words.size())) {
            String[] pair = word.split("=", 2);
            driver = switch (pair[0]) {
                case "drives" -> driver.withCompatible(pair[1].split(","));
                case "bus" -> driver.withBus(pair[1]);
                case "iommu" -> driver.withIommu(Unattached.valueOf(pair[1].toUpperCase(java.util.Locale.ROOT)));
                case "asks" -> driver.withSuppliersAsked(pair[1].split(","));
                case "creates" -> driver.withCreatesDevices(pair[1]);
                case "creates-first" -> driver.withCreatesFirst(true);
                case "async" -> driver.withAsync(true);
                case "client-links" -> driver.withClientLinks(true);
                case "off-after-remove" -> driver.withEnabledAfterRemove(false);
                case "on-after-remove" -> driver.withEnabledAfterRemove(true);
                case "defer-becomes-error" -> driver.withDeferBecomesError(true);
                case "stream-id-max" -> driver.withStreamIdMax(Integer.parseInt(pair[1]));
                case "only-clients" -> driver.withAllowedClients(Set.of(pair[1].split(",")));
                case "legacy" -> driver.withLegacyBinding(true);
                case "groups-by" -> driver.withGrouping(DriverDescription.Grouping.valueOf(
                    pair[1].toUpperCase(java.util.Locale.ROOT)));
                default -> throw new IllegalArgumentException(word);
            };
        }
        return words.get(0).equals("builtin") ? KernelModule.builtin(words.get(1), rank + 1, driver)
            : KernelModule.loadable(words.get(1), driver);
    }
}
