package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.TrainingExample;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The setting {@code loss_scale}: which of a conversation's answers are learned, unless the row itself says it.
 *
 * @param lastRound only those after the last question
 * @param ignoreEmptyThink no thought in which nothing is thought
 */
record LossScale(boolean lastRound, boolean ignoreEmptyThink) {
    private static final Pattern EMPTY_THINK = Pattern.compile("(<think>\\s*)?</think>\\s*");

    static LossScale of(String setting) {
        List<String> parts = List.of(setting.split("\\+"));
        return new LossScale(parts.contains("last_round"), parts.contains("ignore_empty_think"));
    }

    /**
     * Takes the labels off what is not learned.
     *
     * @param labels of the whole conversation: a run of them for each answer, in order
     * @return how much each label counts; empty if all count as 1
     */
    float[] apply(List<Turn> turns, int[] labels, Qwen2Tokenizer tokenizer) {
        int lastQuestion = turns.size() - 1;
        while (lastQuestion >= 0 && turns.get(lastQuestion).message().role() != Role.USER) {
            lastQuestion--;
        }
        float[] weights = TrainingExample.UNWEIGHTED;
        int token = 0;
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            if (!turn.isAnswer()) {
                continue;
            }
            int from = next(labels, token, true);
            token = next(labels, from, false);
            double weight = turn.weight().orElse(!lastRound || i > lastQuestion ? 1 : 0);
            if (weight == 0) {
                Arrays.fill(labels, from, token, ChatTemplate.IGNORED_LABEL);
                continue;
            }
            if (ignoreEmptyThink) {
                ignoreEmptyThink(turn.message().content(), labels, from, tokenizer);
            }
            if (weight != 1 && weights.length == 0) {
                weights = new float[labels.length];
                Arrays.fill(weights, 1);
            }
            if (weights.length > 0) {
                Arrays.fill(weights, from, token, (float) weight);
            }
        }
        return weights;
    }

    private static int next(int[] labels, int from, boolean learned) {
        int i = from;
        while (i < labels.length && (labels[i] != ChatTemplate.IGNORED_LABEL) != learned) {
            i++;
        }
        return i;
    }

    /** Of the tokens of an answer those that lie wholly in an empty thought at its beginning. */
    private static void ignoreEmptyThink(String answer, int[] labels, int from, Qwen2Tokenizer tokenizer) {
        var thought = EMPTY_THINK.matcher(answer);
        if (!thought.lookingAt()) {
            return;
        }
        int bytes = thought.group().getBytes(StandardCharsets.UTF_8).length;
        for (int i = from; i < labels.length; i++) {
            bytes -= tokenizer.tokenBytes(labels[i]).length;
            if (bytes < 0) {
                return;
            }
            labels[i] = ChatTemplate.IGNORED_LABEL;
        }
    }
}
