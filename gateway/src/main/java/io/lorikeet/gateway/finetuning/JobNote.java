package io.lorikeet.gateway.finetuning;

import io.lorikeet.contracts.FineTunedModel;

/**
 * What no event says of a job: what was asked for. It is kept beside the files.
 *
 * @param createdAt seconds since 1970
 */
record JobNote(String id, long createdAt, FineTuningRequest request) {
    /** What comes of it. */
    FineTunedModel made() {
        return FineTunedModel.ofJob(id, request.suffix());
    }
}
