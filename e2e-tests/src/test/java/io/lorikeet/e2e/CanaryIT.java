package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.CheckpointEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Canaries from the command line, over the real stack. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 5, unit = MINUTES)
class CanaryIT {
    @Test
    void isBegunShownWidenedTakenBackAndPromoted(SharedStack shared) throws Exception {
        CheckpointEvent stable = shared.train(QuickJob.of(SharedStack.unique("tried")));
        CheckpointEvent next = shared.trainUnpromoted(QuickJob.of(stable.adapter()));
        String adapter = stable.adapter();
        Cli cli = Cli.on(shared.stack().options().state());

        assertThat(told(cli, "start", adapter, next.version(), "--share", "0.25", "--min-requests", "1000"))
                .isEqualTo(next.version() + " answers 25.0 % of the requests of " + adapter + ".");
        assertThat(told(cli, "show", adapter)).contains(next.version(), stable.version(), "1000");
        assertThat(told(cli, "share", adapter, "0.5")).contains("answers 50.0 %");

        assertThat(told(cli, "end", adapter)).contains("taken back");
        assertThat(told(cli, "show", adapter)).contains(adapter + " has no canary.", next.version() + ": rolled_back");
        assertThat(shared.gateway().servedVersion(adapter)).contains(stable.version());

        told(cli, "start", adapter, next.version(), "--no-auto-promote");
        assertThat(told(cli, "promote", adapter)).contains("stable version from now on");
        Await.until("it answers", () -> shared.gateway()
                .servedVersion(adapter)
                .filter(next.version()::equals)
                .isPresent());
    }

    @Test
    void saysWhyItCannotBe(SharedStack shared) throws Exception {
        Cli.Result unknown = Cli.on(shared.stack().options().state())
                .run("adapters", "canary", "start", SharedStack.unique("nobody"), "job-1@4");

        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).startsWith("lorikeet: ").contains("nobody-");
    }

    private static String told(Cli cli, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 2];
        command[0] = "adapters";
        command[1] = "canary";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        Cli.Result result = cli.run(command);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.out().strip();
    }
}
