package io.lorikeet.engine.jinja;

/** A piece of a template's source. */
record Token(Kind kind, String text, int line) {
    /** What it is. */
    enum Kind {
        DATA,
        OUTPUT_BEGIN,
        OUTPUT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind other, String value) {
        return kind == other && text.equals(value);
    }

    /** For a message. */
    String describe() {
        return kind == Kind.END ? "the end of the template" : "'" + text + "'";
    }
}
