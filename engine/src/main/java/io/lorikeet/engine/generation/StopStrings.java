package io.lorikeet.engine.generation;

import java.util.List;

/**
 * Lets text through up to the first stop string. What may be the beginning of one is held back until the next characters
 * tell, so a stop string is found wherever token boundaries fall.
 */
final class StopStrings {
    private final List<String> stops;
    private String held = "";
    private boolean stopped;

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /** Takes more text; returns what is certain not to belong to a stop string. */
    String push(String delta) {
        if (stopped) {
            return "";
        }
        String text = held + delta;
        int end =
                stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
        if (end >= 0) {
            stopped = true;
            held = "";
            return text.substring(0, end);
        }
        int keep = longestBeginning(text);
        held = text.substring(text.length() - keep);
        return text.substring(0, text.length() - keep);
    }

    /** The text is over: what was held back is no stop string. */
    String finish() {
        String rest = held;
        held = "";
        return rest;
    }

    boolean isStopped() {
        return stopped;
    }

    /** Length of the longest end of the text that begins a stop string. */
    private int longestBeginning(String text) {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, text.length()); length > longest; length--) {
                if (text.endsWith(stop.substring(0, length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
