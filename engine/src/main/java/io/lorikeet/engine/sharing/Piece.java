package io.lorikeet.engine.sharing;

/** What of a training's work runs without a stop; those of a kind take about as long for each token. */
public enum Piece {
    /** What comes before the layers. */
    BEGIN,
    /** A layer, forward. */
    FORWARD,
    /** The output matrix and the loss of some tokens. */
    LOSS,
    /** The same without a gradient, of all tokens. */
    EVALUATION,
    /** A layer, backward. */
    BACKWARD,
    /** What is small, between those or after them. */
    END,
    /** A step of an answer that the trainer asks for. */
    ANSWER
}
