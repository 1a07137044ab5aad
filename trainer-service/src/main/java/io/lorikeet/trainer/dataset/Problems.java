package io.lorikeet.trainer.dataset;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong, so that a user who mistyped three rows hears of three rows. */
final class Problems {
    private static final int SHOWN = 20;

    private final List<String> messages = new ArrayList<>();
    private int count;

    void add(RowSource source, String message) {
        add(source + ": " + message);
    }

    void add(String message) {
        count++;
        if (messages.size() < SHOWN) {
            messages.add(message);
        }
    }

    boolean none() {
        return count == 0;
    }

    void throwIfAny() {
        if (count == 0) {
            return;
        }
        if (count == 1) {
            throw new DatasetException(messages.getFirst());
        }
        var text = new StringBuilder().append(count).append(" problems in the data:");
        messages.forEach(message -> text.append("\n  ").append(message));
        if (count > messages.size()) {
            text.append("\n  and ").append(count - messages.size()).append(" more");
        }
        throw new DatasetException(text.toString());
    }
}
