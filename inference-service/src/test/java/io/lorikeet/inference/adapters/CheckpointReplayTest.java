package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.InferenceOptions;
import io.lorikeet.engine.program.Device;
import io.lorikeet.inference.testing.Checkpoints;
import io.lorikeet.inference.testing.TestModel;
import io.lorikeet.store.FolderStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a replica counts as ready, and what it makes of records that come twice; on a real engine. */
class CheckpointReplayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<String> swapped = new CopyOnWriteArrayList<>();
    private InferenceEngine engine;
    private AdapterSwaps swaps;
    private CheckpointReplay replay;

    @BeforeEach
    void start() {
        engine = InferenceEngine.start(InferenceOptions.of(TestModel.create(), Device.CPU));
        var loader = new CheckpointLoader(
                new AdapterFiles(new FolderStore(Checkpoints.ROOT), 1 << 20),
                TestModel.served(),
                engine.config(),
                OtherFormats.AUTO,
                2);
        swaps = new AdapterSwaps(
                loader, engine, new Retry(1, Duration.ofMillis(1), Duration.ofMillis(1)), new Recorder());
        replay = new CheckpointReplay(swaps);
    }

    private final class Recorder implements SwapListener {
        @Override
        public void loading(String adapter, String version, Duration waited) {}

        @Override
        public void swapped(String adapter, String version, Duration took) {
            swapped.add(adapter + "@" + version);
        }

        @Override
        public void rejected(Rejection rejection) {}

        @Override
        public void retired(String adapter) {}
    }

    @AfterEach
    void stop() {
        swaps.stop();
        engine.close();
    }

    private static Change serve(String version, long seed) {
        return new Change.Serve(event(version, seed));
    }

    private static CheckpointEvent event(String version, long seed) {
        return Checkpoints.write("replayed", version, seed);
    }

    private void awaitComplete() {
        await().atMost(PATIENCE).until(replay::complete);
    }

    @Test
    void isCompleteAtOnceIfThereIsNothingToReplay() {
        assertThat(replay.complete()).isFalse();

        replay.end();

        assertThat(replay.complete()).isTrue();
    }

    @Test
    void isNotCompleteBeforeTheEndThatWasThereAtStart() {
        replay.accept(3, serve("1", 1));
        replay.accept(7, serve("2", 2));
        assertThat(replay.complete()).isFalse();
        assertThat(engine.adapters()).isEmpty();

        replay.end();

        awaitComplete();
        assertThat(engine.adapters()).extracting(AdapterStatus::version).containsExactly("2");
        assertThat(swapped).containsExactly("replayed@2");
    }

    @Test
    void forgetsWhatATombstoneRetired() {
        replay.accept(0, serve("1", 1));
        replay.accept(1, new Change.Retire("replayed"));
        replay.end();

        awaitComplete();
        assertThat(engine.adapters()).isEmpty();
    }

    @Test
    void servesWhatCameBeforeARecordThatCouldNotBeRead() {
        replay.accept(0, serve("1", 1));
        replay.passOver(
                1,
                Optional.of(new Change.Refuse(new Rejection("replayed", null, "malformed_event", "…", Instant.now()))));
        replay.passOver(2, Optional.empty());
        replay.end();

        awaitComplete();
        assertThat(replay.seen()).isEqualTo(2);
        assertThat(engine.adapters()).extracting(AdapterStatus::version).containsExactly("1");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(swaps.rejections()).hasSize(1));
    }

    @Test
    void remembersOnlySoManyNamesThatWereRefused() {
        replay.end();
        replay.accept(0, serve("1", 1));
        for (int i = 1; i < 2 * AdapterSwaps.MAX_TRACKS; i++) {
            replay.accept(i, new Change.Refuse(new Rejection("name" + i, null, "malformed_event", "…", Instant.now())));
            if (i % 100 == 0) {
                int sent = i;
                await().atMost(PATIENCE).until(() -> swaps.rejections().stream()
                        .anyMatch(refused -> refused.adapter().equals("name" + sent)));
            }
        }

        assertThat(swaps.rejections()).hasSizeLessThanOrEqualTo(AdapterSwaps.MAX_TRACKS);
        assertThat(engine.adapters()).extracting(AdapterStatus::version).containsExactly("1");
    }
}
