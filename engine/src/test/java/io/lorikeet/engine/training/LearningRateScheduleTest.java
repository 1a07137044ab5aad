package io.lorikeet.engine.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearningRateScheduleTest {
    @ParameterizedTest
    @EnumSource(LearningRateSchedule.Type.class)
    void warmsUpFromZeroInAStraightLine(LearningRateSchedule.Type type) {
        var schedule = new LearningRateSchedule(type, 1e-4, 4, 40);
        assertThat(schedule.at(0)).isZero();
        assertThat(schedule.at(1)).isEqualTo(1e-4 * 0.25);
        assertThat(schedule.at(4)).isEqualTo(1e-4);
    }

    @Test
    void cosineIsAtHalfInTheMiddleAndEndsNearZero() {
        var schedule = new LearningRateSchedule(LearningRateSchedule.Type.COSINE, 1.0, 10, 110);
        assertThat(schedule.at(60)).isCloseTo(0.5, within(1e-12));
        assertThat(schedule.at(35)).isCloseTo(0.5 * (1 + Math.cos(Math.PI / 4)), within(1e-12));
        assertThat(schedule.at(109)).isBetween(0.0, 1e-3);
        assertThat(schedule.at(110)).isCloseTo(0, within(1e-12));
    }

    @Test
    void linearFallsEvenlyAndConstantNotAtAll() {
        assertThat(new LearningRateSchedule(LearningRateSchedule.Type.LINEAR, 1.0, 0, 4).at(3))
                .isEqualTo(0.25);
        assertThat(new LearningRateSchedule(LearningRateSchedule.Type.CONSTANT, 1.0, 0, 4).at(3))
                .isEqualTo(1.0);
    }

    @Test
    void refusesAWarmupLongerThanTheTraining() {
        assertThatThrownBy(() -> new LearningRateSchedule(LearningRateSchedule.Type.COSINE, 1e-4, 5, 4))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("max_steps 4")
                .hasMessageContaining("found 5");
    }
}
