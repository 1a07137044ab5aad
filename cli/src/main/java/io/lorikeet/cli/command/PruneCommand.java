package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.cli.stack.StackRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code prune}: what is kept no longer, and its deletion. */
@Command(
        name = "prune",
        description = {
            "Shows what of trained jobs need not be kept any more, with sizes, and deletes it with --yes.",
            "What is served or can be rolled back to stays, and so does a job that has not ended. Trainers do the same by",
            "themselves, by the LORIKEET_RETENTION_* variables, which are the defaults here (docs/operations.md).",
            "Without --adapters-root and --bootstrap-servers it is about the local stack, which has to run."
        })
public final class PruneCommand implements Callable<Integer> {

    private static final String MAIN = "io.lorikeet.trainer.tools.PruneMain";

    @Mixin
    HelpOption help;

    @Mixin
    StateOption state;

    @Option(names = "--yes", description = "Delete it.")
    private boolean yes;

    @Option(
            names = "--versions",
            paramLabel = "N",
            description = "Promoted versions of each adapter that stay whatever their age (5).")
    private String versions;

    @Option(
            names = "--checkpoints",
            paramLabel = "TIME",
            description = "After a job's end all but its best and last checkpoint go (7d).")
    private String checkpoints;

    @Option(
            names = "--runs",
            paramLabel = "TIME",
            description = "After a job's end its run's folder goes, and a version that was not promoted (30d).")
    private String runs;

    @Option(
            names = "--jobs",
            paramLabel = "TIME",
            description = "After a job's end it is forgotten, and its id is free (365d; at least 90d).")
    private String jobs;

    @Option(names = "--adapters-root", paramLabel = "DIR", description = "The trainers' LORIKEET_ADAPTERS_ROOT.")
    private Path adaptersRoot;

    @Option(
            names = "--adapters-store",
            paramLabel = "STORE",
            description = "The trainers' LORIKEET_ADAPTERS_STORE: file: or s3://BUCKET/PREFIX.")
    private String adaptersStore;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "Kafka's brokers, which know what is served.")
    private String bootstrapServers;

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties of the Kafka client, for a cluster with TLS or SASL.")
    private Path commandConfig;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if ((adaptersRoot == null) != (bootstrapServers == null)) {
            throw new CliException("--adapters-root and --bootstrap-servers belong together: give both, or neither for"
                    + " the local stack.");
        }
        if (adaptersRoot == null) {
            StackRecord stack = state.running();
            adaptersRoot = StackOptions.adapters(state.resolve());
            bootstrapServers = stack.bootstrapServers();
        }
        List<String> arguments = new ArrayList<>(List.of("--adapters-root", adaptersRoot.toString()));
        add(arguments, "--bootstrap-servers", bootstrapServers);
        add(arguments, "--adapters-store", adaptersStore);
        add(arguments, "--command-config", commandConfig);
        add(arguments, "--versions", versions);
        add(arguments, "--checkpoints", checkpoints);
        add(arguments, "--runs", runs);
        add(arguments, "--jobs", jobs);
        if (yes) {
            arguments.add("--yes");
        }
        return TrainerTool.process(MAIN, arguments)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
    }

    private static void add(List<String> arguments, String option, Object value) {
        if (value != null) {
            arguments.addAll(List.of(option, value.toString()));
        }
    }
}
