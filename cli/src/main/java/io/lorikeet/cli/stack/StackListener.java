package io.lorikeet.cli.stack;

import java.time.Duration;

/** Hears how a stack comes up and goes down. */
public interface StackListener {

    /** A process can be used. */
    void ready(ProcessSpec process, Duration took);

    /** A process has died, and is started again after a pause. */
    void died(ProcessSpec process, String obituary, Duration pause);

    /** A process was started again, for the so manieth time. */
    void restarted(ProcessSpec process, int restarts);

    /** The stack begins to stop. */
    void stopping();

    /** Says nothing. */
    static StackListener silent() {
        return new StackListener() {
            @Override
            public void ready(ProcessSpec process, Duration took) {
                // nobody listens
            }

            @Override
            public void died(ProcessSpec process, String obituary, Duration pause) {
                // nobody listens
            }

            @Override
            public void restarted(ProcessSpec process, int restarts) {
                // nobody listens
            }

            @Override
            public void stopping() {
                // nobody listens
            }
        };
    }
}
