package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.terminal.Table;
import io.lorikeet.cli.terminal.Terminal;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.keys.ApiKey;
import io.lorikeet.contracts.keys.KeyFile;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keys}: who may call a gateway that asks for keys. */
@Command(
        name = "keys",
        description = "Lists the API keys of a file, which a gateway reads as its LORIKEET_ACCESS_KEYS_FILE.",
        subcommands = {KeysCommand.Create.class, KeysCommand.Revoke.class})
public final class KeysCommand implements Callable<Integer> {

    /** Which file. */
    static final class FileOption {
        @Option(
                names = "--file",
                paramLabel = "FILE",
                defaultValue = "${env:LORIKEET_ACCESS_KEYS_FILE:-keys.json}",
                description = "The file of keys (default: $LORIKEET_ACCESS_KEYS_FILE, else keys.json here).")
        Path file;

        List<ApiKey> read() {
            try {
                return KeyFile.read(file);
            } catch (IOException | ContractException e) {
                throw new CliException(file + " cannot be read: " + e.getMessage());
            }
        }

        void write(List<ApiKey> keys) {
            try {
                KeyFile.write(file, keys);
            } catch (IOException e) {
                throw new CliException(file + " cannot be written: " + e.getMessage());
            }
        }
    }

    @Mixin
    HelpOption help;

    @Mixin
    FileOption keys;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.current();
        List<ApiKey> all = keys.read();
        if (all.isEmpty()) {
            terminal.out().println("No keys in " + keys.file + ".");
            return 0;
        }
        Table table = new Table("id", "name", "roles", "adapters", "quota", "created");
        for (ApiKey key : all) {
            table.row(
                    key.id(),
                    key.name(),
                    key.roles().stream().sorted().map(Role::toString).collect(Collectors.joining(", ")),
                    key.adapters().isEmpty()
                            ? "all"
                            : key.adapters().stream().sorted().collect(Collectors.joining(", ")),
                    shown(key.quota()),
                    key.created() == null
                            ? ""
                            : key.created().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        table.lines(terminal.tableWidth()).forEach(terminal.out()::println);
        return 0;
    }

    private static String shown(Quota quota) {
        List<String> limits = new ArrayList<>();
        if (quota.requestsPerMinute() != null) {
            limits.add(quota.requestsPerMinute() + " requests/min");
        }
        if (quota.tokensPerMinute() != null) {
            limits.add(quota.tokensPerMinute() + " tokens/min");
        }
        if (quota.runningJobs() != null) {
            limits.add(quota.runningJobs() + " jobs");
        }
        return limits.isEmpty() ? "none" : String.join(", ", limits);
    }

    /** {@code keys create}. */
    @Command(name = "create", description = "Makes a key and prints it, once: the file has its hash alone.")
    static final class Create implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        FileOption keys;

        @Parameters(paramLabel = "NAME", description = "Whose it is; logs and jobs say it.")
        private String name;

        @Option(
                names = "--role",
                required = true,
                split = ",",
                paramLabel = "ROLE",
                description = "What it is for: ask, train (which does not ask), admin (everything).")
        private Set<Role> roles;

        @Option(
                names = "--adapter",
                split = ",",
                paramLabel = "NAME",
                description = "The models that it may ask, train and change; all, if not given.")
        private Set<String> adapters;

        @Option(names = "--requests-per-minute", paramLabel = "N")
        private Integer requests;

        @Option(names = "--tokens-per-minute", paramLabel = "N")
        private Integer tokens;

        @Option(names = "--running-jobs", paramLabel = "N")
        private Integer jobs;

        @Override
        public Integer call() {
            List<ApiKey> all = new ArrayList<>(keys.read());
            ApiKey.Issued issued;
            try {
                issued = ApiKey.issue(name, roles, adapters, new Quota(requests, tokens, jobs), Instant.now());
            } catch (ContractException e) {
                throw new CliException(e.getMessage());
            }
            all.add(issued.key());
            keys.write(all);
            Terminal.current().out().println(issued.secret());
            Terminal.current()
                    .err()
                    .println(
                            "This is shown once. Callers send it as `Authorization: Bearer KEY`, ./lorikeet takes it from"
                                    + " LORIKEET_API_KEY. Gateways that read " + keys.file
                                    + " know it within a second.");
            return 0;
        }
    }

    /** {@code keys revoke}. */
    @Command(name = "revoke", description = "Takes a key away.")
    static final class Revoke implements Callable<Integer> {
        @Mixin
        HelpOption help;

        @Mixin
        FileOption keys;

        @Parameters(paramLabel = "ID")
        private String id;

        @Override
        public Integer call() {
            List<ApiKey> all = keys.read();
            List<ApiKey> left = all.stream().filter(key -> !key.id().equals(id)).toList();
            if (left.size() == all.size()) {
                throw new CliException(keys.file + " has no key with the id " + id + "; `./lorikeet keys` lists all.");
            }
            keys.write(left);
            Terminal.current().out().println("The key " + id + " is no longer valid.");
            return 0;
        }
    }
}
