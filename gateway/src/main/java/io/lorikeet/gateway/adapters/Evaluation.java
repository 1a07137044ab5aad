package io.lorikeet.gateway.adapters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.http.JsonBody;
import java.util.List;
import java.util.Set;

/**
 * Acceptance questions, and who is asked.
 *
 * @param version null: the one that is served
 */
public record Evaluation(
        @Setting(
                doc = "Which version is asked, promoted or not.",
                whenAbsent = "the one that is served",
                pattern = CheckpointEvent.VERSION)
        String version,

        @Setting(doc = "What is asked, and what its answers must be like.", required = true)
        List<Question> questions) {
    private static final String SUBJECT = "evaluation";
    private static final RecordShape<Evaluation> SHAPE = RecordShape.of(Evaluation.class);
    private static final int MOST = 100;

    public Evaluation {
        questions = List.copyOf(questions);
        if (questions.isEmpty() || questions.size() > MOST) {
            throw new ContractException(
                    SUBJECT, new Problem("questions", "are " + questions.size(), "from 1 to " + MOST));
        }
    }

    /** A question as training commands have it, and a system prompt. */
    public record Question(
            @Setting(doc = "Asked at temperature 0.", required = true)
            String question,

            @Setting(doc = "Texts that must all occur in the answer.", defaultValue = "[]")
            List<String> mustContain,

            @Setting(doc = "Texts none of which may occur in the answer.", defaultValue = "[]")
            List<String> mustNotContain,

            @Setting(doc = "System prompt.", whenAbsent = "the one that the adapter was trained with")
            String system) {
        AcceptanceQuestion rule() {
            return new AcceptanceQuestion(question, mustContain, mustNotContain);
        }

        /** As a completion of a model. */
        ObjectNode completion(String model) {
            return completion(model, question, system);
        }

        /**
         * A question as a training job asks it.
         *
         * @param system null: the one that the adapter was trained with
         */
        public static ObjectNode completion(String model, String question, String system) {
            var completion = Json.mapper().createObjectNode();
            completion
                    .put("model", model)
                    .put("max_tokens", AcceptanceQuestion.MAX_NEW_TOKENS)
                    .put("temperature", 0);
            var messages = completion.putArray("messages");
            if (system != null) {
                messages.addObject().put("role", "system").put("content", system);
            }
            messages.addObject().put("role", "user").put("content", question);
            return completion;
        }

        Answered answered(String answer) {
            var refusal = rule().refusal(answer);
            return new Answered(question, answer, refusal.isEmpty(), refusal.orElse(null));
        }
    }

    /**
     * How a question was answered.
     *
     * @param reason why that is not accepted; null if it is
     */
    public record Answered(String question, String answer, boolean accepted, String reason) {}

    /**
     * How all were.
     *
     * @param adapter null if the base model answered
     * @param version null if the base model answered
     */
    public record Result(String adapter, String version, boolean accepted, List<Answered> answers) {}

    static Evaluation read(byte[] body) {
        var object = JsonBody.object(body, SUBJECT, "{\"questions\": [{\"question\": \"…\"}]}");
        return new RecordReader(SUBJECT).read(SHAPE, object, Set.of());
    }
}
