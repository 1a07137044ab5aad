package io.lorikeet.trainer.dataset;

import java.io.IOException;
import java.io.Reader;
import java.util.function.Consumer;

/** Reads the rows of one file format. */
interface RowReader {

    /**
     * Reads to the end.
     *
     * @param text the file, decoded
     * @param dataset the file's name for messages
     * @param rows receives each row that could be read
     * @param problems receives what is wrong with single rows; what makes the rest unreadable is thrown
     * @throws DatasetException if nothing after a place can be read any more
     * @throws IOException if the file cannot be read
     */
    void read(Reader text, String dataset, Consumer<RawRow> rows, Problems problems) throws IOException;
}
