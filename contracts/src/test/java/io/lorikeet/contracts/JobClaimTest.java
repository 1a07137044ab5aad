package io.lorikeet.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.JobClaim.Begins;
import io.lorikeet.contracts.JobClaim.Known;
import io.lorikeet.contracts.JobClaim.Standing;
import io.lorikeet.contracts.JobClaim.Taken;
import io.lorikeet.contracts.JobClaim.TriesAgain;
import io.lorikeet.contracts.JobClaim.UnderWay;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JobClaimTest {
    private static final String ITS_OWN = "sha256:1";
    private static final String ANOTHER = "sha256:2";

    @Test
    void anIdThatNobodyHasIsFree() {
        assertThat(JobClaim.of(Optional.empty(), ITS_OWN)).isEqualTo(new Begins());
    }

    /** How the job with the id stands; what its own command comes to, another one, and any if its own is not known. */
    static Stream<Arguments> rule() {
        return Stream.of(
                Arguments.of(Standing.UNDER_WAY, new UnderWay(), Taken.class, Taken.class),
                Arguments.of(Standing.SUCCEEDED, new JobClaim.Trained(), Taken.class, Taken.class),
                Arguments.of(Standing.CANCELLED, new JobClaim.Cancelled(), Taken.class, Taken.class),
                Arguments.of(Standing.VALIDATED, new JobClaim.Validated(), Begins.class, Begins.class),
                Arguments.of(Standing.FAILED, new TriesAgain(), Taken.class, Begins.class));
    }

    @ParameterizedTest
    @MethodSource("rule")
    void anIdBelongsToOneJob(Standing standing, JobClaim own, Class<?> another, Class<?> unknown) {
        var known = new Known("job", ITS_OWN, standing);

        assertThat(JobClaim.of(Optional.of(known), ITS_OWN)).isEqualTo(own);
        assertThat(JobClaim.of(Optional.of(known), ANOTHER)).isInstanceOf(another);
        assertThat(JobClaim.of(Optional.of(known), null))
                .as("a command of which nothing is known")
                .isInstanceOf(another);
        assertThat(JobClaim.of(Optional.of(new Known("job", null, standing)), ITS_OWN))
                .as("a job of whose command nothing is known")
                .isInstanceOf(unknown);
    }

    @ParameterizedTest
    @EnumSource
    void everyStandingIsInTheTable(Standing standing) {
        assertThat(rule()).extracting(row -> row.get()[0]).contains(standing);
    }

    @Test
    void whoIsRefusedHearsWhichIdAndWhatToDo() {
        var claim = JobClaim.of(Optional.of(new Known("nightly", ITS_OWN, Standing.SUCCEEDED)), ANOTHER);

        assertThat(((Taken) claim).why()).contains("job_id nightly", "another command", "choose another job_id");
    }

    @Test
    void aJobStandsWhereItsNewestEventSays() {
        var now = Instant.EPOCH;
        var newest = Map.of(
                new TrainingEvent.Queued("j", "a", now, ITS_OWN), Standing.UNDER_WAY,
                new TrainingEvent.CheckpointSaved("j", "a", now, 1, "p"), Standing.UNDER_WAY,
                new TrainingEvent.Failed("j", "a", now, "r", "c", true, "w"), Standing.FAILED,
                new TrainingEvent.Cancelled("j", "a", now, 1, null), Standing.CANCELLED);

        newest.forEach((event, standing) ->
                assertThat(Standing.after(event)).as(event.toString()).isEqualTo(standing));
    }
}
