package io.lorikeet.trainer.service;

import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.trainer.queue.Delivery;
import io.lorikeet.trainer.queue.JobHandler;
import io.lorikeet.trainer.queue.JobOutcome;
import io.lorikeet.trainer.run.RunControl;
import java.util.List;
import java.util.Locale;

/**
 * Counts how jobs end.
 *
 * @param ended is told of each
 */
record CountedJobs(JobHandler jobs, TrainingMetrics metrics, Runnable ended) implements JobHandler {
    @Override
    public JobOutcome run(TrainCommand command, Delivery delivery, RunControl control) {
        JobOutcome outcome;
        boolean trains = !command.dryRun();
        if (trains) {
            metrics.running(true);
        }
        try {
            outcome = jobs.run(command, delivery, control);
        } finally {
            if (trains) {
                metrics.running(false);
            }
            ended.run();
        }
        switch (outcome) {
            case JobOutcome.Done done -> metrics.job(done.how().name().toLowerCase(Locale.ROOT));
            case JobOutcome.Interrupted() -> metrics.job("interrupted");
            case JobOutcome.Refused _ -> metrics.job("refused");
            case JobOutcome.Failed failed -> metrics.job(failed.again() ? "retried" : "failed");
        }
        return outcome;
    }

    @Override
    public List<String> giveUp(TrainCommand command, Delivery delivery, JobOutcome.Failed last) {
        metrics.job("dead_lettered");
        return jobs.giveUp(command, delivery, last);
    }

    @Override
    public void malformed(byte[] value, JobOutcome.Failed failure) {
        metrics.job("malformed");
        jobs.malformed(value, failure);
    }
}
