package io.lorikeet.gateway.canary;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.AcceptanceAnswer;
import io.lorikeet.contracts.CanaryBounds;
import io.lorikeet.gateway.adapters.CanaryView.Answers;
import io.lorikeet.gateway.adapters.CanaryView.Figures;
import io.lorikeet.gateway.canary.Judge.Evidence;
import io.lorikeet.gateway.canary.Verdict.Bound;
import io.lorikeet.gateway.canary.Verdict.Promote;
import io.lorikeet.gateway.canary.Verdict.RollBack;
import io.lorikeet.gateway.canary.Verdict.Wait;
import io.lorikeet.gateway.inference.Trials.End;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final CanaryBounds BOUNDS = new CanaryBounds(50, 0.05, 1.5, 0.5, 600L);
    private static final Duration LONG = Duration.ofMinutes(20);
    private static final Figures GOOD = figures(100, 0, 1.0);

    private static Figures figures(long requests, long failed, Double median) {
        return new Figures(requests, failed, requests == 0 ? 0 : (double) failed / requests, median);
    }

    private static Verdict judge(CanaryBounds bounds, Duration age, Figures canary, Figures stable) {
        return Judge.judge(bounds, new Evidence(age, canary, stable, 0, Optional.empty(), Optional.empty()));
    }

    private static Verdict judge(Figures canary, Figures stable) {
        return judge(BOUNDS, LONG, canary, stable);
    }

    private static Verdict asked(int accepted, int of) {
        var failed = new AcceptanceAnswer("你是谁?", "我是通义千问。", List.of("小红"), List.of(), false);
        var answers = new Answers(of, accepted, List.of(failed), Instant.EPOCH);
        return Judge.judge(BOUNDS, new Evidence(LONG, GOOD, GOOD, of, Optional.of(answers), Optional.empty()));
    }

    private static void assertRolledBack(Verdict verdict, Bound bound, String reason) {
        assertThat(verdict).isInstanceOfSatisfying(RollBack.class, back -> {
            assertThat(back.passed()).isEqualTo(bound);
            assertThat(back.reason()).isEqualTo(reason);
        });
    }

    @Test
    void saysNothingBeforeEnoughRequestsWereAnswered() {
        assertThat(judge(figures(49, 49, null), GOOD)).isEqualTo(new Wait("it is judged after 1 more requests"));
    }

    @Test
    void promotesWhatHasKeptItsBoundsForLongEnough() {
        assertThat(judge(GOOD, GOOD))
                .isEqualTo(new Promote("it has kept its bounds for 1200 s: 0.0 % of its 100 requests failed"));
        assertThat(judge(BOUNDS, Duration.ofSeconds(599), GOOD, GOOD))
                .isEqualTo(new Wait("it keeps its bounds, and is promoted in 1 s if it goes on so"));
        var byHand = new CanaryBounds(50, 0.05, 1.5, 1, null);
        assertThat(judge(byHand, LONG, GOOD, GOOD)).isInstanceOf(Wait.class);
        assertThat(asked(1, 2)).isInstanceOfSatisfying(Promote.class, promoted -> assertThat(promoted.reason())
                .endsWith("1 of 2 acceptance questions are answered well"));
    }

    @Test
    void rollsBackWhatFailsMoreOftenThanTheStableVersion() {
        assertRolledBack(
                judge(figures(100, 6, 1.0), GOOD),
                Bound.ERROR_RATE,
                "6.0 % of its 100 requests failed, 0.0 % of the stable version's; it may be 5.0 % more");
        assertThat(judge(figures(100, 5, 1.0), GOOD)).isInstanceOf(Promote.class);
        assertThat(judge(figures(100, 30, 1.0), figures(100, 26, 1.0)))
                .as("both fail: it is not the version")
                .isInstanceOf(Promote.class);
    }

    @Test
    void rollsBackWhatIsSlowerThanTheStableVersion() {
        assertRolledBack(
                judge(figures(100, 0, 1.6), GOOD),
                Bound.LATENCY,
                "its median answer takes 1.60 s, the stable version's 1.00 s; it may be 1.50 times that");
        assertThat(judge(figures(100, 0, 1.5), GOOD)).isInstanceOf(Promote.class);
        assertThat(judge(figures(100, 0, 9.0), figures(49, 0, 1.0)))
                .as("there is too little to compare with")
                .isInstanceOf(Promote.class);
    }

    @Test
    void rollsBackWhatAnswersItsAcceptanceQuestionsBadly() {
        assertRolledBack(
                asked(0, 3),
                Bound.ACCEPTANCE,
                "0 of 3 acceptance questions are answered well, at least 50.0 % has to be: to \"你是谁?\" it says \"我是通义千问。\"");
        var evidence = new Evidence(LONG, GOOD, GOOD, 3, Optional.empty(), Optional.empty());
        assertThat(Judge.judge(BOUNDS, evidence)).isEqualTo(new Wait("its acceptance questions are to be asked yet"));
    }

    @Test
    void rollsBackAtOnceWhatNoReplicaTakes() {
        var evidence = new Evidence(
                Duration.ZERO, figures(0, 0, null), GOOD, 3, Optional.empty(), Optional.of("other tensors"));

        assertRolledBack(Judge.judge(BOUNDS, evidence), Bound.FITNESS, "no replica takes it: other tensors");
    }

    @Test
    void countsWhatTellsVersionsApartAndTheMedianOfTheNewest() {
        var tally = new Tally();
        assertThat(tally.figures()).isEqualTo(figures(0, 0, null));
        for (int i = 0; i < 600; i++) {
            tally.ended(End.ANSWERED, Duration.ofMillis(i < 300 ? 10 : 1_000));
        }
        tally.ended(End.NEITHER, Duration.ofMillis(5));
        tally.ended(End.FAILED, Duration.ofMillis(5));

        assertThat(tally.figures()).isEqualTo(figures(601, 1, 1.0));
    }
}
