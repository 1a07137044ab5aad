package io.lorikeet.engine.program;

import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.model.RankRows;
import java.util.Optional;

/**
 * What the rows of a step need of the adapters.
 *
 * @param rows rank rows in which all of them are
 * @param adjusted whether any is one beyond plain LoRA
 */
record StepAdapters(RankRows rows, boolean adjusted) {
    static final StepAdapters NONE = new StepAdapters(RankRows.NONE, false);

    static StepAdapters of(Optional<AdapterPlace> adapter) {
        return adapter.map(place -> new StepAdapters(place.span(), place.adjusted()))
                .orElse(NONE);
    }

    StepAdapters with(StepAdapters other) {
        return new StepAdapters(rows.with(other.rows), adjusted || other.adjusted);
    }

    /** The same for all of the device's rank rows, or none. */
    StepAdapters rounded(int rankRows) {
        return rows.isEmpty() ? this : new StepAdapters(new RankRows(0, rankRows), adjusted);
    }
}
