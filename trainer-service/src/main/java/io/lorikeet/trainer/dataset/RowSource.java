package io.lorikeet.trainer.dataset;

/**
 * Where a row stands, as a person looks it up.
 *
 * @param dataset the file as the command names it, or {@code rows} for rows inside the command
 * @param line 1-based line on which the row begins; for inline rows the 1-based number of the row
 */
public record RowSource(String dataset, int line) {
    @Override
    public String toString() {
        return dataset + ":" + line;
    }
}
