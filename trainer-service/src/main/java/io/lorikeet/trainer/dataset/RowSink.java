package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Takes what the reader of a file finds, in order. */
interface RowSink {

    /** A row as its file has it, before anyone asked what form it is in. */
    void row(RowSource source, ObjectNode fields);

    /** Something that is no row, where one should stand. */
    void malformed(RowSource source, String why);

    /** The file is not what its name says; {@code problem} says where. */
    void broken(String problem);
}
