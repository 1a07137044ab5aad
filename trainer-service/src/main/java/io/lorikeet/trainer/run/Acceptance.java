package io.lorikeet.trainer.run;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.training.TrainingSession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The command's questions, asked greedily of the trained model, in the words that a server will use. */
final class Acceptance {
    private final TrainCommand command;
    private final RunObserver observer;

    Acceptance(TrainCommand command, RunObserver observer) {
        this.command = command;
        this.observer = observer;
    }

    /** Every answer with its verdict; empty if the command asks nothing. */
    List<AcceptanceAnswer> ask(TrainingSession session) {
        List<AcceptanceQuestion> questions = command.acceptance();
        if (questions.isEmpty()) {
            return List.of();
        }
        observer.phase("acceptance");
        List<String> answers =
                session.answer(questions.stream().map(this::prompt).toList(), AcceptanceQuestion.MAX_NEW_TOKENS);
        var judged = new ArrayList<AcceptanceAnswer>();
        for (int i = 0; i < questions.size(); i++) {
            judged.add(questions.get(i).judge(answers.get(i)));
        }
        boolean accepted = judged.stream().allMatch(AcceptanceAnswer::passed);
        observer.event(
                accepted
                        ? new TrainingEvent.Accepted(command.jobId(), command.adapter(), Instant.now(), judged)
                        : new TrainingEvent.Rejected(command.jobId(), command.adapter(), Instant.now(), judged));
        return List.copyOf(judged);
    }

    /** With the system prompt of the training, which is the one that serving uses. */
    private Conversation prompt(AcceptanceQuestion question) {
        var asked = Conversation.of(List.of(ChatMessage.user(question.question())));
        String system = command.settings().data().system();
        return system == null ? asked : asked.withSystem(system);
    }
}
