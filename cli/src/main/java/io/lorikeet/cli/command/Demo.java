package io.lorikeet.cli.command;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.GatewayClient.Answer;
import io.lorikeet.cli.client.GatewayClient.Question;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.cli.terminal.TrainingView;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.TrainingEvent;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The loop that Lorikeet is for, over a running gateway: ask the base model, train, wait until the new version answers,
 * ask again.
 */
public final class Demo {

    private static final Duration SWAP_PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);

    private final GatewayClient client;
    private final List<AcceptanceQuestion> questions;

    /** A demo of these questions over this gateway. */
    public Demo(GatewayClient client, List<AcceptanceQuestion> questions) {
        this.client = client;
        this.questions = List.copyOf(questions);
    }

    /** A question, what the base model said, what the trained adapter says. */
    public record Line(AcceptanceQuestion question, String before, String after, boolean passed) {}

    /** What the base model answers. */
    public List<String> askBase() {
        String base = client.baseModel();
        return questions.stream()
                .map(question -> client.chat(base, question.question()))
                .toList();
    }

    /** Hands the command in and follows it to a promoted version, which it returns. */
    public String train(byte[] command, TrainingView view) {
        String jobId = client.submit(command).jobId();
        TrainingEvent last = new JobFollower(client, view::show).follow(jobId);
        if (last instanceof TrainingEvent.Succeeded succeeded && succeeded.promoted()) {
            return succeeded.checkpoint().version();
        }
        throw new CliException("The training did not end with an adapter that is served.");
    }

    /** Waits until {@code adapter} answers with {@code version}; {@code stillThere} fails if waiting is in vain. */
    public Duration awaitSwap(String adapter, String version, Runnable stillThere) {
        long start = System.nanoTime();
        Supplier<Duration> elapsed = () -> Duration.ofNanos(System.nanoTime() - start);
        String serving = null;
        while (elapsed.get().compareTo(SWAP_PATIENCE) < 0) {
            stillThere.run();
            serving = client.servedVersion(adapter).orElse(null);
            if (version.equals(serving)) {
                return elapsed.get();
            }
            pause();
        }
        throw new CliException("%s does not answer with version %s after %d s; it serves %s."
                .formatted(adapter, version, SWAP_PATIENCE.toSeconds(), serving == null ? "nothing" : serving));
    }

    /** What {@code adapter} answers now; an answer of another version than this does not pass. */
    public List<Line> askTrained(String adapter, String version, List<String> before) {
        return IntStream.range(0, questions.size())
                .mapToObj(i -> {
                    AcceptanceQuestion question = questions.get(i);
                    Answer answer = client.ask(Question.of(question.question()).to(adapter));
                    boolean passed = question.judge(answer.answer()).passed() && version.equals(answer.version());
                    return new Line(question, before.get(i), answer.answer(), passed);
                })
                .toList();
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted.", e);
        }
    }
}
