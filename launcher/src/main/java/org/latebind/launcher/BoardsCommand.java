package org.latebind.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the boards that come with the program. */
@Command(name = "boards", mixinStandardHelpOptions = true, description = "Lists the boards that come with the program.")
final class BoardsCommand implements Callable<Integer> {

    @Option(names = "--json", description = "One JSON document instead of text.")
    private boolean json;

    @Override
    public Integer call() {
        Installation installation = Installation.find();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Path file : installation.boardFiles()) {
            BoardFile board = BoardFile.open(file.toString(), installation);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", board.name());
            row.put("model", board.model());
            row.put("file", file.toString());
            rows.add(row);
        }
        if (json) {
            Json.print(Map.of("boards", rows));
            return ExitCode.OK;
        }
        for (Map<String, Object> row : rows) {
            System.out.printf("%-24s %s%n", row.get("name"), row.get("model"));
        }
        return ExitCode.OK;
    }
}
