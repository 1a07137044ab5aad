package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.Canary;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.adapters.CanaryView.Answers;
import io.lorikeet.gateway.adapters.Evaluation;
import io.lorikeet.gateway.inference.InferenceClient;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A canary's acceptance questions, as its training job asked them, put to the replicas that answer. */
@ApplicationScoped
public class LiveQuestions {
    private final InferenceClient inference;

    LiveQuestions(InferenceClient inference) {
        this.inference = inference;
    }

    /** Asks all of them, one after the other: others ask, too. */
    Uni<Answers> ask(Canary canary) {
        var checkpoint = canary.checkpoint();
        var model = new AdapterAddress(checkpoint.adapter(), Optional.of(checkpoint.version())).text();
        var answers = checkpoint.acceptance().stream()
                .map(before -> ask(model, before))
                .toList();
        return Uni.join().all(answers).usingConcurrencyOf(1).andFailFast().map(LiveQuestions::judged);
    }

    private Uni<AcceptanceAnswer> ask(String model, AcceptanceAnswer before) {
        var question = new AcceptanceQuestion(before.question(), before.mustContain(), before.mustNotContain());
        var completion = Evaluation.Question.completion(model, before.question(), null);
        return inference
                .completeOwn(Buffer.buffer(Json.write(completion)))
                .map(whole ->
                        question.judge(whole.at("/choices/0/message/content").asText()));
    }

    private static Answers judged(List<AcceptanceAnswer> answers) {
        var failed = answers.stream().filter(answer -> !answer.passed()).toList();
        return new Answers(answers.size(), answers.size() - failed.size(), failed, Instant.now());
    }
}
