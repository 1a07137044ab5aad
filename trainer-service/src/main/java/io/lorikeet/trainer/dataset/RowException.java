package io.lorikeet.trainer.dataset;

/** What is wrong with one row; whoever knows the row's place adds it. */
final class RowException extends Exception {
    private static final long serialVersionUID = 1L;

    RowException(String message) {
        super(message);
    }
}
