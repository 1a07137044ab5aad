package io.lorikeet.trainer.queue;

import io.lorikeet.contracts.TrainCommand;
import org.jboss.logging.MDC;

/** Names a job in every log line of the thread that opened it, until it is closed. */
final class JobLog implements AutoCloseable {
    private static final String JOB_ID = "job_id";
    private static final String ADAPTER = "adapter";

    JobLog(TrainCommand command) {
        MDC.put(JOB_ID, command.jobId());
        MDC.put(ADAPTER, command.adapter());
    }

    @Override
    public void close() {
        MDC.remove(JOB_ID);
        MDC.remove(ADAPTER);
    }
}
