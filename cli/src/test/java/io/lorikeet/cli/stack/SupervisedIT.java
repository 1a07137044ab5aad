package io.lorikeet.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedIT {
    private static final RestartPolicy POLICY =
            new RestartPolicy(Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofSeconds(60), 3);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    private Supervised supervised;

    @AfterEach
    void stop() {
        supervised.process().close();
    }

    @Test
    void startsAKilledProcessAgainAndGoesOnInItsLog() throws Exception {
        supervise("echo begun; exec sleep 100", POLICY);
        awaitLines("child.log", 1);
        long first = supervised.process().pid();

        supervised.process().kill();

        assertThat(next()).isInstanceOfSatisfying(Supervised.Event.Died.class, died -> assertThat(died.obituary())
                .contains("child ended with exit code 137 (killed)", "begun"));
        assertThat(next()).isEqualTo(new Supervised.Event.Restarted(1));
        assertThat(supervised.process().pid()).isNotEqualTo(first);
        assertThat(supervised.process().isAlive()).isTrue();
        awaitLines("child.log", 2);
        assertThat(supervised.lastDeath())
                .hasValueSatisfying(why -> assertThat(why).contains("137"));
    }

    @Test
    void givesUpAProcessThatDoesNotStayUpAndSaysWhatTheLastOfItsLivesSaid() throws Exception {
        supervise("echo \"ERROR life $(cat lives | wc -l)\"; echo life >>lives; exit 3", POLICY);

        List<Supervised.Event> events = new ArrayList<>();
        do {
            events.add(next());
        } while (!(events.getLast() instanceof Supervised.Event.GivenUp));

        assertThat(events)
                .filteredOn(Supervised.Event.Restarted.class::isInstance)
                .hasSize(2);
        assertThat(events.getLast()).isInstanceOfSatisfying(Supervised.Event.GivenUp.class, end -> assertThat(end.why())
                .contains("child has died 3 times in a row", "exit code 3", "ERROR life 2"));
    }

    /** Each death after a life that was long enough is a new accident. */
    @Test
    void neverGivesUpAProcessThatLivesForAWhile() throws Exception {
        supervise("exit 1", new RestartPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO, 1));

        for (int restarts = 1; restarts <= 5; restarts++) {
            assertThat(next()).isInstanceOf(Supervised.Event.Died.class);
            assertThat(next()).isEqualTo(new Supervised.Event.Restarted(restarts));
        }
    }

    @Test
    void emptiesALogUnderItsWriterAndKeepsWhatWasInIt() throws Exception {
        supervise(
                "i=0; while [ ! -e stop ]; do i=$((i+1)); echo \"line $i\"; sleep 0.01; done; exec sleep 100", POLICY);
        awaitLines("child.log", 3);

        new LogLimit(8).apply(folder.resolve("child.log"));

        assertThat(Files.readAllLines(folder.resolve("child.log.previous"))).startsWith("line 1", "line 2", "line 3");
        awaitLines("child.log", 2);
        // a writer that did not append would have left a hole before them
        assertThat(Files.readString(folder.resolve("child.log"))).startsWith("line ");
        Files.createFile(folder.resolve("stop"));
    }

    private void supervise(String script, RestartPolicy policy) {
        var spec = new ProcessSpec(
                "child",
                1,
                List.of("/bin/sh", "-c", "cd " + folder + "; touch lives; " + script),
                Map.of(),
                new Readiness.FileExists(folder.resolve("ready")));
        supervised = new Supervised(ManagedProcess.start(spec, folder), policy);
    }

    private Supervised.Event next() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            var event = supervised.look();
            if (event.isPresent()) {
                return event.get();
            }
            Thread.sleep(5);
        }
        throw new AssertionError("nothing happened");
    }

    private void awaitLines(String name, int count) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (Files.readAllLines(folder.resolve(name)).size() < count) {
            assertThat(System.nanoTime()).as("waiting for lines").isLessThan(end);
            Thread.sleep(5);
        }
    }
}
