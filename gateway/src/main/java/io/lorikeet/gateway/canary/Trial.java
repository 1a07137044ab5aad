package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.Canary;
import io.lorikeet.gateway.adapters.CanaryView;
import io.lorikeet.gateway.adapters.CanaryView.Answers;
import io.lorikeet.gateway.canary.Judge.Evidence;
import io.lorikeet.gateway.inference.Trials.End;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A canary, and what this gateway has seen of it and of the stable version beside it. Thread-safe. */
final class Trial {
    private final Tally tried = new Tally();
    private final Tally stable = new Tally();
    private final AtomicBoolean deciding = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile Canary canary;
    private volatile Optional<Answers> answers = Optional.empty();
    private volatile Optional<String> unfit = Optional.empty();
    private volatile Instant asked = Instant.EPOCH;

    Trial(Canary canary) {
        this.canary = canary;
    }

    Canary canary() {
        return canary;
    }

    /** Whether it is the same trial, be it with another share or other bounds. */
    boolean isOf(Canary other) {
        return canary.since().equals(other.since()) && canary.version().equals(other.version());
    }

    void changed(Canary to) {
        canary = to;
    }

    void ended(boolean byCanary, End end, Duration took) {
        (byCanary ? tried : stable).ended(end, took);
    }

    void answered(Answers how) {
        answers = Optional.of(how);
        unfit = Optional.empty();
    }

    void unfit(String why) {
        unfit = Optional.of(why);
    }

    /** Whether its questions are to be asked now; if so, nobody else is told so until {@link #doneAsking}. */
    boolean beginsAsking(Duration interval) {
        boolean due = !canary.checkpoint().acceptance().isEmpty()
                && !Instant.now().isBefore(asked.plus(interval))
                && asking.compareAndSet(false, true);
        if (due) {
            asked = Instant.now();
        }
        return due;
    }

    void doneAsking() {
        asking.set(false);
    }

    /** Whether a decision can be made now; if so, no other one can until {@link #doneDeciding}. */
    boolean beginsDeciding() {
        return deciding.compareAndSet(false, true);
    }

    void doneDeciding() {
        deciding.set(false);
    }

    Verdict verdict() {
        var age = Duration.between(canary.since(), Instant.now());
        int questions = canary.checkpoint().acceptance().size();
        return Judge.judge(
                canary.bounds(), new Evidence(age, tried.figures(), stable.figures(), questions, answers, unfit));
    }

    CanaryView view() {
        return new CanaryView(
                canary.version(),
                canary.share(),
                canary.since(),
                canary.bounds(),
                tried.figures(),
                stable.figures(),
                answers.orElse(null),
                verdict().reason());
    }
}
