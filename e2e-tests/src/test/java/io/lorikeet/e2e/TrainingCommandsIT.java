package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.Lorikeet;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Commands as they arrive: from any producer, more than once, and broken. */
@ExtendWith(SharedStack.Resolver.class)
@Timeout(value = 5, unit = MINUTES)
class TrainingCommandsIT {

    @Test
    void trainsWhatAPlainProducerPublishesWithoutKeyAndHeaders(SharedStack shared) {
        QuickJob job = QuickJob.of(SharedStack.unique("plain"));

        shared.topic(Topics.COMMANDS).publish(null, job.bytes());

        assertThat(succeeded(shared, job).checkpoint().adapter()).isEqualTo(job.adapter());
    }

    @Test
    void trainsOnceThoughTheCommandIsDeliveredTwice(SharedStack shared) throws IOException {
        QuickJob job = QuickJob.of(SharedStack.unique("twice"));
        QuickJob after = QuickJob.of(SharedStack.unique("after"));

        Topic commands = shared.topic(Topics.COMMANDS);
        commands.publish(job.jobId(), job.bytes());
        commands.publish(job.jobId(), job.bytes());
        commands.publish(after.jobId(), after.bytes());

        // one trainer takes the commands in their order, so that the second delivery is dealt with by then
        succeeded(shared, after);
        assertThat(eventsOf(shared, job))
                .filteredOn(TrainingEvent.Started.class::isInstance)
                .hasSize(1);
        assertThat(runsOf(shared, job)).hasSize(1);
    }

    @Test
    void putsAMalformedCommandInTheDeadLetterTopicWithItsReasonAndTrainsTheNext(SharedStack shared) {
        QuickJob misspelt = QuickJob.of(SharedStack.unique("misspelt"));
        QuickJob next = QuickJob.of(SharedStack.unique("next"));
        String noJson = SharedStack.unique("{no json");

        Topic commands = shared.topic(Topics.COMMANDS);
        commands.publish(misspelt.jobId(), Json.write(misspelt.json().put("lerning_rate", 1e-3)));
        commands.publish(null, noJson.getBytes(StandardCharsets.UTF_8));
        commands.publish(next.jobId(), next.bytes());

        succeeded(shared, next);
        Topic dead = shared.topic(Topics.COMMANDS_DLQ);
        assertThat(dead.read())
                .filteredOn(letter -> misspelt.jobId().equals(letter.key()))
                .singleElement()
                .satisfies(letter -> assertThat(Topic.headers(letter)).contains("lerning_rate", "learning_rate"));
        assertThat(dead.read())
                .filteredOn(letter -> noJson.equals(new String(letter.value(), StandardCharsets.UTF_8)))
                .singleElement()
                .satisfies(letter -> assertThat(Topic.headers(letter)).contains("JSON"));
        assertThat(eventsOf(shared, misspelt)).noneMatch(TrainingEvent.Started.class::isInstance);
    }

    @Test
    void theCommandLineBringsADatasetFromAnywhereToTheTrainer(SharedStack shared, @TempDir Path home)
            throws IOException {
        QuickJob job = QuickJob.of(SharedStack.unique("mine"));
        ObjectNode json = job.json();
        Files.write(home.resolve("rows.json"), Json.write(json.remove("rows")));
        json.putArray("dataset").add("rows.json#8");
        Path file = Files.write(home.resolve("job.json"), Json.write(json));

        int exit = Lorikeet.commandLine()
                .execute(
                        "train",
                        file.toString(),
                        "--state",
                        shared.stack().options().state().toString());

        assertThat(exit).isZero();
        assertThat(succeeded(shared, job).summary().rows()).isEqualTo(8);
    }

    @Test
    void aJobOfWhichNothingIsLeftIsTrainedAgainWhenItIsAskedForAgain(SharedStack shared) throws IOException {
        QuickJob job = QuickJob.of(SharedStack.unique("lost"));
        shared.gateway().submit(job.bytes());
        succeeded(shared, job);
        Path adapter = shared.stack().options().adapters().resolve(job.adapter());
        try (Stream<Path> files = Files.walk(adapter)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }

        shared.gateway().submit(job.bytes());

        Await.until(
                "it is trained again",
                () -> eventsOf(shared, job).stream()
                                .filter(TrainingEvent.Succeeded.class::isInstance)
                                .count()
                        == 2);
        assertThat(eventsOf(shared, job))
                .filteredOn(TrainingEvent.Started.class::isInstance)
                .hasSize(2);
        assertThat(runsOf(shared, job)).hasSize(1);
    }

    private static TrainingEvent.Succeeded succeeded(SharedStack shared, QuickJob job) {
        Await.until("the gateway knows job " + job.jobId(), () -> shared.gateway().jobs().stream()
                .anyMatch(view -> view.path("job_id").asText().equals(job.jobId())));
        TrainingEvent last = new JobFollower(shared.gateway(), _ -> {}).follow(job.jobId());
        assertThat(last).isInstanceOf(TrainingEvent.Succeeded.class);
        return (TrainingEvent.Succeeded) last;
    }

    private static List<TrainingEvent> eventsOf(SharedStack shared, QuickJob job) {
        return shared.topic(Topics.EVENTS).read().stream()
                .map(event -> Json.read(event.value(), TrainingEvent.class))
                .filter(event -> job.jobId().equals(event.jobId()))
                .toList();
    }

    private static List<Path> runsOf(SharedStack shared, QuickJob job) throws IOException {
        Path folder = shared.stack().options().adapters().resolve(job.adapter()).resolve(job.jobId());
        try (Stream<Path> runs = Files.list(folder)) {
            return runs.filter(Files::isDirectory).toList();
        }
    }
}
