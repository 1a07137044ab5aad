package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.VERSION_CHANGED;

import io.lorikeet.contracts.CheckpointEvent;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the versions of a name hold that were answered with, so that a changed one is noticed. Thread-safe. */
final class KnownVersions {
    private static final int MOST = 256;

    private final Map<String, Contents> contents = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Contents> eldest) {
            return size() > MOST;
        }
    };

    /**
     * A version is immutable.
     *
     * @throws AdapterRejectedException if this one was something else before
     */
    synchronized void requireSame(CheckpointEvent event) {
        var before = contents.get(event.version());
        var now = Contents.of(event);
        if (before != null && !before.equals(now)) {
            throw new AdapterRejectedException(
                    VERSION_CHANGED,
                    "version " + event.version() + " was served with other contents: the SHA-256 of its files and"
                            + " system prompt was " + before.sha256() + ", now it is " + now.sha256());
        }
    }

    synchronized void remember(CheckpointEvent event) {
        contents.put(event.version(), Contents.of(event));
    }
}
