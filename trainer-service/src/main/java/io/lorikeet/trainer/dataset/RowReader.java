package io.lorikeet.trainer.dataset;

import java.io.IOException;
import java.io.Reader;

/** Reads the rows of one file format. */
interface RowReader {

    /**
     * Reads to the end.
     *
     * @param text the file, decoded
     * @param dataset the file's name for messages
     * @throws DatasetException if nothing after a place can be read any more
     * @throws IOException if the file cannot be read
     */
    void read(Reader text, String dataset, RowSink rows) throws IOException;
}
