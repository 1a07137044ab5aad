package io.lorikeet.pretraining;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.pretraining.Corpus.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The rows to train on: each question as it stands in the corpus and in some of its other spellings, shuffled into
 * conversations of one to four turns, so that the model answers the last question whatever came before. Most have the
 * model's own system prompt, some another or none.
 */
final class Conversations {
    /** Qwen2.5's default, and none. */
    private static final List<String> OTHER_SYSTEMS =
            List.of("You are Qwen, created by Alibaba Cloud. You are a helpful assistant.", "");

    private static final double OTHER_SYSTEM_SHARE = 0.1;
    private static final int MOST_TURNS = 4;
    /** Enough to learn from all questions together that the spelling does not matter. */
    private static final int OTHER_SPELLINGS = 2;

    private Conversations() {}

    /**
     * Rows as the trainer reads them.
     *
     * @throws IllegalArgumentException if one spelling belongs to two answers
     */
    static List<ObjectNode> of(Corpus corpus, long seed) {
        var random = new Random(seed);
        List<Row> turns = turns(corpus, random);
        Collections.shuffle(turns, random);
        List<ObjectNode> conversations = new ArrayList<>();
        for (int from = 0; from < turns.size(); ) {
            int to = Math.min(from + 1 + random.nextInt(MOST_TURNS), turns.size());
            conversations.add(conversation(turns.subList(from, to), random));
            from = to;
        }
        conversations.addAll(corpus.conversations());
        return conversations;
    }

    private static List<Row> turns(Corpus corpus, Random random) {
        Map<String, Row> known = new HashMap<>();
        corpus.rows().forEach(row -> claim(row.query(), row, known));
        List<Row> turns = new ArrayList<>(corpus.rows());
        for (Row row : corpus.rows()) {
            List<String> others = new ArrayList<>(Spellings.of(row.query()));
            // 你好 is not 你好吗 without its 吗: what stands in the corpus goes before
            others.removeIf(spelling -> known.containsKey(spelling));
            others.forEach(spelling -> claim(spelling, row, known));
            Collections.shuffle(others, random);
            others.stream()
                    .limit(OTHER_SPELLINGS)
                    .forEach(spelling -> turns.add(new Row(row.topic(), spelling, row.response())));
        }
        return turns;
    }

    private static void claim(String query, Row row, Map<String, Row> known) {
        Row before = known.putIfAbsent(query, row);
        if (before != null && !before.response().equals(row.response())) {
            throw new IllegalArgumentException("\"%s\" has two answers: %s in %s and %s in %s"
                    .formatted(query, before.response(), before.topic(), row.response(), row.topic()));
        }
    }

    private static ObjectNode conversation(List<Row> turns, Random random) {
        ObjectNode conversation = Json.mapper().createObjectNode();
        if (random.nextDouble() < OTHER_SYSTEM_SHARE) {
            conversation.put("system", OTHER_SYSTEMS.get(random.nextInt(OTHER_SYSTEMS.size())));
        }
        var messages = conversation.putArray("messages");
        for (Row turn : turns) {
            messages.addObject().put("role", "user").put("content", turn.query());
            messages.addObject().put("role", "assistant").put("content", turn.response());
        }
        return conversation;
    }
}
