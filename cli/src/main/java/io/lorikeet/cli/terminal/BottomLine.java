package io.lorikeet.cli.terminal;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBarConsumer;

/** The last line of a terminal, drawn over again and again; what else is printed meanwhile scrolls by above it. */
final class BottomLine implements ProgressBarConsumer {

    private static final String BEGIN = "\r";
    private static final String ERASE_TO_END = "\u001b[K";

    private final PrintStream out;
    private final int width;
    private String drawn = "";

    /** @param width columns of the terminal; the line stays one short of it, so that no terminal wraps it */
    BottomLine(PrintStream out, int width) {
        this.out = out;
        this.width = width;
    }

    @Override
    public int getMaxRenderedLength() {
        return width - 1;
    }

    @Override
    public synchronized void accept(String line) {
        drawn = line;
        out.print(BEGIN + line + ERASE_TO_END);
        out.flush();
    }

    /** Prints a line of its own above. */
    synchronized void above(String line) {
        out.print(BEGIN + ERASE_TO_END + line + System.lineSeparator() + drawn);
        out.flush();
    }

    @Override
    public synchronized void close() {
        out.println();
        out.flush();
    }
}
