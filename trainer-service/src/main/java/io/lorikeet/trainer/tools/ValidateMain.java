package io.lorikeet.trainer.tools;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.store.FolderStore;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.dataset.RowCache;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.job.Workplace;
import io.lorikeet.trainer.plan.DryRun;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Says what a command would do, without Kafka, without training and without loading the weights: the command on standard
 * input, {@code [--model DIR] [--models-root DIR] [--data DIR] [--device cpu|cuda:N,…]}. Prints the {@link DryRunReport} as
 * one line of JSON. Exit code 0: it would train, 1: it would not, and why, 2: wrong arguments.
 */
public final class ValidateMain {
    private static final String USAGE =
            "usage: [--model DIR] [--models-root DIR] [--data DIR] [--device cpu|cuda:N,…] < job.json";

    private ValidateMain() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.in, System.out, System.err));
    }

    static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
        Map<String, String> options = new TreeMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        boolean known = Set.of("--model", "--models-root", "--data", "--device").containsAll(options.keySet());
        if (arguments.length % 2 != 0 || !known) {
            err.println(USAGE);
            return 2;
        }
        try {
            if (!(TrainingCommand.parse(in.readAllBytes()) instanceof TrainCommand command)) {
                throw new RunException("command", false, "this is a cancel, not a train command");
            }
            out.write(Json.write(report(command, options)));
            out.println();
            out.flush();
            return 0;
        } catch (ContractException | DatasetException | RunException | EngineException | IOException e) {
            err.println(e instanceof IOException ? e.toString() : e.getMessage());
            return 1;
        }
    }

    private static DryRunReport report(TrainCommand command, Map<String, String> options) throws IOException {
        var workplace = new Workplace(
                Optional.ofNullable(options.get("--model")).map(Path::of),
                Roots.anywhere(
                        Path.of(options.getOrDefault("--data", "")),
                        Path.of(options.getOrDefault("--models-root", ""))),
                Path.of(""),
                new FolderStore(Path.of("")),
                options.getOrDefault("--device", "cpu"),
                Optional.empty(),
                RowCache.none(),
                Sharing.OFF);
        return DryRun.of(workplace.dryRun(command), () -> {});
    }
}
