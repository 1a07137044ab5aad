package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.CanaryBounds;
import io.lorikeet.contracts.Shown;
import io.lorikeet.gateway.adapters.CanaryView.Answers;
import io.lorikeet.gateway.adapters.CanaryView.Figures;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Whether a canary has kept its bounds. */
final class Judge {
    private Judge() {}

    /**
     * What is known of a canary.
     *
     * @param age since it began
     * @param questions how many acceptance questions it has
     * @param answers what came of them; empty if they were not asked yet
     * @param unfit why no replica takes it; empty if they do, or nobody knows
     */
    record Evidence(
            Duration age,
            Figures canary,
            Figures stable,
            int questions,
            Optional<Answers> answers,
            Optional<String> unfit) {}

    static Verdict judge(CanaryBounds bounds, Evidence evidence) {
        if (evidence.unfit().isPresent()) {
            return new Verdict.RollBack(
                    Verdict.Bound.FITNESS,
                    "no replica takes it: " + evidence.unfit().get());
        }
        return refused(bounds, evidence).orElseGet(() -> waits(bounds, evidence));
    }

    private static Optional<Verdict> refused(CanaryBounds bounds, Evidence evidence) {
        return acceptance(bounds, evidence)
                .or(() -> errors(bounds, evidence))
                .or(() -> latency(bounds, evidence))
                .map(Verdict.class::cast);
    }

    private static Optional<Verdict.RollBack> acceptance(CanaryBounds bounds, Evidence evidence) {
        return evidence.answers()
                .filter(answers -> answers.accepted() < bounds.minAccepted() * answers.asked())
                .map(answers -> new Verdict.RollBack(
                        Verdict.Bound.ACCEPTANCE,
                        "%d of %d acceptance questions are answered well, at least %s has to be: %s"
                                .formatted(
                                        answers.accepted(),
                                        answers.asked(),
                                        percent(bounds.minAccepted()),
                                        told(answers.failed().getFirst()))));
    }

    private static String told(AcceptanceAnswer failed) {
        return "to " + Shown.value(failed.question()) + " it says " + Shown.value(failed.answer());
    }

    private static Optional<Verdict.RollBack> errors(CanaryBounds bounds, Evidence evidence) {
        var canary = evidence.canary();
        double most = evidence.stable().errorRate() + bounds.maxErrorRate();
        return canary.requests() < bounds.minRequests() || canary.errorRate() <= most
                ? Optional.empty()
                : Optional.of(new Verdict.RollBack(
                        Verdict.Bound.ERROR_RATE,
                        "%s of its %d requests failed, %s of the stable version's; it may be %s more"
                                .formatted(
                                        percent(canary.errorRate()),
                                        canary.requests(),
                                        percent(evidence.stable().errorRate()),
                                        percent(bounds.maxErrorRate()))));
    }

    /** Where the stable version answers too little, there is nothing to compare with. */
    private static Optional<Verdict.RollBack> latency(CanaryBounds bounds, Evidence evidence) {
        var canary = evidence.canary();
        var stable = evidence.stable();
        boolean known = canary.requests() >= bounds.minRequests()
                && stable.requests() >= bounds.minRequests()
                && canary.medianSeconds() != null
                && stable.medianSeconds() != null;
        return !known || canary.medianSeconds() <= bounds.maxLatencyRatio() * stable.medianSeconds()
                ? Optional.empty()
                : Optional.of(new Verdict.RollBack(
                        Verdict.Bound.LATENCY,
                        "its median answer takes %s s, the stable version's %s s; it may be %s times that"
                                .formatted(
                                        decimal(canary.medianSeconds()),
                                        decimal(stable.medianSeconds()),
                                        decimal(bounds.maxLatencyRatio()))));
    }

    private static Verdict waits(CanaryBounds bounds, Evidence evidence) {
        long missing = bounds.minRequests() - evidence.canary().requests();
        if (missing > 0) {
            return new Verdict.Wait("it is judged after " + missing + " more requests");
        }
        if (evidence.questions() > 0 && evidence.answers().isEmpty()) {
            return new Verdict.Wait("its acceptance questions are to be asked yet");
        }
        if (bounds.promoteAfterSeconds() == null) {
            return new Verdict.Wait("it keeps its bounds, and is promoted when somebody says so");
        }
        long left = bounds.promoteAfterSeconds() - evidence.age().toSeconds();
        return left > 0
                ? new Verdict.Wait("it keeps its bounds, and is promoted in " + left + " s if it goes on so")
                : new Verdict.Promote("it has kept its bounds for %d s: %s of its %d requests failed%s"
                        .formatted(
                                evidence.age().toSeconds(),
                                percent(evidence.canary().errorRate()),
                                evidence.canary().requests(),
                                evidence.answers()
                                        .map(answers -> ", %d of %d acceptance questions are answered well"
                                                .formatted(answers.accepted(), answers.asked()))
                                        .orElse("")));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
