package io.lorikeet.contracts;

import io.lorikeet.contracts.shape.Setting;

/** Stops a job after the optimiser step that it is in; its last checkpoint is kept. */
public record CancelCommand(
        @Setting(doc = "The job to stop.", required = true, pattern = TrainCommand.JOB_ID)
        String jobId) implements TrainingCommand {}
