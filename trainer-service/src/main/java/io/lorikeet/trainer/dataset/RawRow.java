package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A row as its file has it, before anyone asked what form it is in. */
record RawRow(RowSource source, ObjectNode fields) {}
