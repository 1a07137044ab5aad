package io.lorikeet.engine.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds added tokens in a text: the leftmost, and of those the longest. */
final class AddedTokens {
    /** By their first character, the longest first. */
    private final Map<Character, List<AddedToken>> byFirst = new HashMap<>();
    /** First characters, to pass over all others fast. */
    private final BitSet first = new BitSet();

    AddedTokens(List<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            char begin = token.content().charAt(0);
            first.set(begin);
            byFirst.computeIfAbsent(begin, _ -> new ArrayList<>()).add(token);
        }
        byFirst.values()
                .forEach(list -> list.sort((x, y) ->
                        Integer.compare(y.content().length(), x.content().length())));
    }

    /** Says whether a token found here counts. */
    interface Permission {
        boolean of(AddedToken token, int start, int end);
    }

    interface Part {
        void accept(int start, int end);
    }

    interface Found {
        void accept(int id);
    }

    /** Goes over a range of a text in order: the parts between tokens, none of them empty, and the tokens. */
    void split(String text, int from, int to, Permission permission, Part part, Found found) {
        int done = from;
        for (int i = from; i < to; ) {
            Optional<AddedToken> token = first.get(text.charAt(i)) ? at(text, i, to, permission) : Optional.empty();
            if (token.isEmpty()) {
                i++;
                continue;
            }
            if (i > done) {
                part.accept(done, i);
            }
            found.accept(token.get().id());
            i += token.get().content().length();
            done = i;
        }
        if (done < to) {
            part.accept(done, to);
        }
    }

    private Optional<AddedToken> at(String text, int start, int to, Permission permission) {
        for (AddedToken token : byFirst.get(text.charAt(start))) {
            int end = start + token.content().length();
            if (end <= to && text.startsWith(token.content(), start) && permission.of(token, start, end)) {
                return Optional.of(token);
            }
        }
        return Optional.empty();
    }
}
