package io.lorikeet.pretraining;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;

/** The ways in which people type one question: with either question mark or none, with and without 吗 and 呢, in small letters. */
final class Spellings {
    private static final List<String> PARTICLES = List.of("吗", "呢", "啊", "呀", "吧");

    private Spellings() {}

    /** All of them, the question as it stands first. */
    static SequencedSet<String> of(String query) {
        SequencedSet<String> spellings = new LinkedHashSet<>();
        spellings.add(query);
        boolean question = query.endsWith("?");
        String bare = question ? query.substring(0, query.length() - 1) : query;
        String small = bare.toLowerCase(Locale.ROOT);
        boolean chinese = endsInChinese(bare);
        if (question) {
            marked(bare, spellings);
            if (chinese) {
                marked(otherParticle(bare), spellings);
            }
            spellings.add(small + "?");
        } else {
            spellings.add(bare + (chinese ? "。" : "."));
            spellings.add(bare + (chinese ? "！" : "!"));
        }
        spellings.add(small);
        return spellings;
    }

    private static void marked(String bare, SequencedSet<String> into) {
        into.add(bare + "?");
        into.add(bare + "？");
        into.add(bare);
    }

    /** 你能联网吗 and 你能联网, 你是谁 and 你是谁呢. */
    private static String otherParticle(String bare) {
        String last = bare.substring(bare.length() - 1);
        if (last.equals("吗") || last.equals("呢")) {
            return bare.substring(0, bare.length() - 1);
        }
        return PARTICLES.contains(last) || last.equals("=") ? bare : bare + "呢";
    }

    private static boolean endsInChinese(String text) {
        return Character.UnicodeScript.of(text.codePointBefore(text.length())) == Character.UnicodeScript.HAN;
    }
}
