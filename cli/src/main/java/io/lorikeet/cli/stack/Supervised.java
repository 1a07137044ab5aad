package io.lorikeet.cli.stack;

import io.lorikeet.cli.CliException;
import java.time.Duration;
import java.util.Optional;

/**
 * A process that is started again when it dies, with a pause that grows, until it has died too often too quickly. Confined to
 * whoever holds the lock of its stack.
 */
final class Supervised {

    /** What has become of it. */
    sealed interface Event {
        /** It has died and will be started again. */
        record Died(String obituary, int restarts, Duration pause) implements Event {}

        /** It was started again. */
        record Restarted(int restarts) implements Event {}

        /** It has died, and starting it again is of no use. */
        record GivenUp(String why) implements Event {}
    }

    private final RestartPolicy policy;
    private ManagedProcess process;
    private long startedAt = System.nanoTime();
    private Optional<Long> restartAt = Optional.empty();
    private Optional<String> lastDeath = Optional.empty();
    private int restarts;
    private int quickDeaths;

    Supervised(ManagedProcess process, RestartPolicy policy) {
        this.process = process;
        this.policy = policy;
    }

    /** The one that runs, or the last that did. */
    ManagedProcess process() {
        return process;
    }

    int restarts() {
        return restarts;
    }

    /** Why it died last. */
    Optional<String> lastDeath() {
        return lastDeath;
    }

    /** Looks after it; to be called now and then. */
    Optional<Event> look() {
        if (restartAt.isPresent()) {
            return System.nanoTime() - restartAt.get() < 0 ? Optional.empty() : Optional.of(restart());
        }
        return process.isAlive() ? Optional.empty() : Optional.of(died(process.obituary()));
    }

    private Event restart() {
        restartAt = Optional.empty();
        startedAt = System.nanoTime();
        try {
            process = process.again();
            restarts++;
            return new Event.Restarted(restarts);
        } catch (CliException e) {
            return died(e.getMessage());
        }
    }

    private Event died(String obituary) {
        Duration lived = Duration.ofNanos(System.nanoTime() - startedAt);
        quickDeaths = policy.quickDeaths(quickDeaths, lived);
        lastDeath = Optional.of(obituary);
        if (policy.givesUp(quickDeaths)) {
            return new Event.GivenUp("The %s has died %d times in a row, each time within %d s of its start. %s"
                    .formatted(
                            process.spec().name(), quickDeaths, policy.quick().toSeconds(), obituary));
        }
        Duration pause = policy.pause(quickDeaths);
        restartAt = Optional.of(System.nanoTime() + pause.toNanos());
        return new Event.Died(obituary, restarts, pause);
    }
}
