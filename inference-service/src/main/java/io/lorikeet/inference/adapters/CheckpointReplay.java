package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The start of a replica: folds the checkpoint topic to what it says at its end, as it was when the replica came up, then
 * puts all of that in service at once. What comes after goes straight to {@link AdapterSwaps}.
 */
@ApplicationScoped
public class CheckpointReplay {
    private static final Logger LOG = Logger.getLogger(CheckpointReplay.class);
    /** Older versions of a name to fall back to, if the log still has them and the newest cannot be served. */
    private static final int MAX_VERSIONS = 4;

    private static final int NAMES_TOLD = 10;

    private final AdapterSwaps swaps;

    // guarded by this
    private final Map<String, History> histories = new LinkedHashMap<>();
    private long seen = -1;
    private boolean folded;

    /** Null until the topic is folded; done when all that it says has been tried. */
    private volatile CompletableFuture<Void> restored;

    /** What the topic says of a name since its last tombstone. */
    private static final class History {
        final Deque<CheckpointEvent> newestFirst = new ArrayDeque<>();
        Change.Refuse refused;
    }

    @Inject
    CheckpointReplay(AdapterSwaps swaps) {
        this.swaps = swaps;
    }

    /** Whether everything that was in the topic at start has been tried. */
    public boolean complete() {
        var future = restored;
        return future != null && future.isDone();
    }

    /** Offset of the newest record taken in, -1 before the first. */
    public synchronized long seen() {
        return seen;
    }

    /** Everything that stood in the topic at start has been taken in. */
    synchronized void end() {
        folded = true;
        var restorations = histories.entrySet().stream()
                .map(entry -> restore(entry.getKey(), entry.getValue()))
                .toList();
        LOG.infof("replayed the checkpoint topic to offset %d: %d adapter names", seen, histories.size());
        histories.clear();
        var _ = all(restorations, AdapterTrack.Restoration::done).thenRun(this::tellRefused);
        restored = all(restorations, AdapterTrack.Restoration::settled);
    }

    private static CompletableFuture<Void> all(
            List<AdapterTrack.Restoration> restorations,
            Function<AdapterTrack.Restoration, CompletableFuture<Void>> part) {
        return CompletableFuture.allOf(restorations.stream().map(part).toArray(CompletableFuture<?>[]::new));
    }

    /** One line for all that a start has refused: with many names, a line each would hide everything else. */
    private void tellRefused() {
        var refused = swaps.rejections();
        if (!refused.isEmpty()) {
            LOG.warnf(
                    "%d adapters cannot be served as the topic says, and serve an older version or none: %s%s; GET /adapters"
                            + " says why each",
                    refused.size(),
                    refused.stream()
                            .limit(NAMES_TOLD)
                            .map(each -> each.adapter() + " (" + each.reason() + ")")
                            .collect(Collectors.joining(", ")),
                    refused.size() > NAMES_TOLD ? " and " + (refused.size() - NAMES_TOLD) + " more" : "");
        }
    }

    /** Takes the next record in. */
    synchronized void accept(long offset, Change change) {
        seen = offset;
        if (folded) {
            swaps.apply(change);
        } else {
            fold(change);
        }
    }

    /** Goes past a record that could not be read, and says so where it names an adapter. */
    synchronized void passOver(long offset, Optional<Change> refusal) {
        seen = offset;
        refusal.ifPresent(change -> accept(offset, change));
    }

    private void fold(Change change) {
        var history = histories.computeIfAbsent(change.adapter(), _ -> new History());
        switch (change) {
            case Change.Serve(var event) -> {
                history.refused = null;
                history.newestFirst.addFirst(event);
                if (history.newestFirst.size() > MAX_VERSIONS) {
                    history.newestFirst.removeLast();
                }
            }
            case Change.Retire _ -> histories.remove(change.adapter());
            case Change.Refuse refuse -> history.refused = refuse;
        }
    }

    private AdapterTrack.Restoration restore(String adapter, History history) {
        return swaps.restore(
                adapter,
                List.copyOf(history.newestFirst),
                Optional.ofNullable(history.refused).map(Change.Refuse::rejection));
    }
}
