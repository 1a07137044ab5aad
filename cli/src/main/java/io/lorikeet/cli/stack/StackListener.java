package io.lorikeet.cli.stack;

import java.time.Duration;

/** Hears how a stack comes up and goes down. */
public interface StackListener {

    /** A process can be used. */
    void ready(ProcessSpec process, Duration took);

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
            public void stopping() {
                // nobody listens
            }
        };
    }
}
