package org.latebind.launcher;

import picocli.CommandLine;

/** The list of commands, in the order in which help shows them. */
final class Commands {

    private Commands() {
    }

    static void addTo(CommandLine line) {
        line.addSubcommand(new RunCommand());
        line.addSubcommand(new InspectCommand());
        line.addSubcommand(new ExploreCommand());
        line.addSubcommand(new VerifyCommand());
        line.addSubcommand(new ReplayCommand());
        line.addSubcommand(new ExplainCommand());
        line.addSubcommand(new TraceCommand());
        line.addSubcommand(new DriversCommand());
        line.addSubcommand(new PoliciesCommand());
        line.addSubcommand(new BoardsCommand());
        line.addSubcommand(new PgtableCommand());
    }
}
