package io.lorikeet.cli.terminal;

import java.io.PrintStream;

/**
 * What the commands write to.
 *
 * @param out for what was asked for
 * @param err for what goes on meanwhile
 * @param interactive whether a person watches {@code out}, so that a line may be drawn over
 * @param errInteractive the same of {@code err}
 * @param width columns
 */
public record Terminal(PrintStream out, PrintStream err, boolean interactive, boolean errInteractive, int width) {

    /** What a line is wrapped at where nobody says how wide it is. */
    public static final int DEFAULT_WIDTH = 100;

    private static final String DIM = "\u001b[2m";
    private static final String BOLD = "\u001b[1m";
    private static final String PLAIN = "\u001b[0m";

    /** The one that the launcher has found: properties {@code lorikeet.tty.out}, {@code .err} and {@code .width}. */
    public static Terminal current() {
        int width = Integer.getInteger("lorikeet.tty.width", DEFAULT_WIDTH);
        return new Terminal(
                System.out,
                System.err,
                Boolean.getBoolean("lorikeet.tty.out"),
                Boolean.getBoolean("lorikeet.tty.err"),
                width > 0 ? width : DEFAULT_WIDTH);
    }

    /** Columns for a table: those of the terminal; without end where a program reads. */
    public int tableWidth() {
        return interactive ? width : Integer.MAX_VALUE;
    }

    public String bold(String text) {
        return interactive ? BOLD + text + PLAIN : text;
    }

    public String dim(String text) {
        return interactive ? DIM + text + PLAIN : text;
    }

    /** A line on {@code err}, dim where that can be. */
    public void note(String text) {
        err.println(errInteractive ? DIM + text + PLAIN : text);
    }
}
