package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.CheckpointEvent;

/** What a record of the checkpoint topic asks for. */
sealed interface Change {
    String adapter();

    /** Serve this version from now on. */
    record Serve(CheckpointEvent event) implements Change {
        @Override
        public String adapter() {
            return event.adapter();
        }
    }

    /** Serve the name no more: a tombstone. */
    record Retire(String adapter) implements Change {}

    /** Nothing that can be carried out: what is served stays, and the refusal is shown. */
    record Refuse(Rejection rejection) implements Change {
        @Override
        public String adapter() {
            return rejection.adapter();
        }
    }
}
