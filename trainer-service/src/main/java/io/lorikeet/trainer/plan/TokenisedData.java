package io.lorikeet.trainer.plan;

import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.dataset.Dropped;
import io.lorikeet.trainer.dataset.TokenisedRows;
import io.lorikeet.trainer.dataset.Tokenising.Tokenised;
import java.util.List;
import java.util.Map;

/**
 * All rows that a job's data has, tokenised, before any of them are chosen.
 *
 * @param rows by their number
 */
record TokenisedData(TokenisedRows rows, Facts facts) {

    /**
     * What else was found out while they were read.
     *
     * @param read where they come from
     * @param dropped those that are too long or teach nothing, by their number
     * @param identity what they say of the acceptance questions' words
     * @param sha256 digest of the rows to choose from for training
     */
    record Facts(DatasetLoader.Read read, Map<Integer, Dropped> dropped, IdentityCheck.Found identity, String sha256) {}

    /** These rows, in this order, without those that are not trained on, which {@code left} receives. */
    TokenisedRows select(int[] numbers, List<Dropped> left) {
        return new Tokenised(rows, facts.dropped).select(numbers, left);
    }
}
