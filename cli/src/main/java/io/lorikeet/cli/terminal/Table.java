package io.lorikeet.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table of text with a line under its head, whose columns line up whatever script is in them. */
public final class Table {

    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final int columns;

    public Table(String... head) {
        this.columns = head.length;
        rows.add(List.of(head));
    }

    /** Adds a row of as many cells as the head has. */
    public Table row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException("A row of " + cells.length + " cells in a table of " + columns);
        }
        rows.add(List.of(cells));
        return this;
    }

    /** The table in lines, none wider than {@code width}: the widest columns wrap their text. */
    public List<String> lines(int width) {
        int[] widths = fit(width - GAP.length() * (columns - 1));
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            lines.addAll(layOut(row, widths));
            if (lines.size() == 1 || row == rows.getFirst()) {
                lines.add(IntStream.of(widths).mapToObj("─"::repeat).collect(Collectors.joining(GAP)));
            }
        }
        return lines;
    }

    /** Natural widths, the widest shrunk step by step until all fit. */
    private int[] fit(int available) {
        int[] widths = IntStream.range(0, columns)
                .map(column -> rows.stream()
                        .mapToInt(row -> DisplayWidth.of(row.get(column)))
                        .max()
                        .orElse(0))
                .toArray();
        while (IntStream.of(widths).sum() > Math.max(available, columns * 8)) {
            int widest = IntStream.range(0, columns)
                    .reduce((a, b) -> widths[b] > widths[a] ? b : a)
                    .orElseThrow();
            widths[widest]--;
        }
        return widths;
    }

    private static List<String> layOut(List<String> row, int[] widths) {
        List<List<String>> cells = IntStream.range(0, widths.length)
                .mapToObj(column -> wrap(row.get(column), widths[column]))
                .toList();
        int height = cells.stream().mapToInt(List::size).max().orElse(1);
        return IntStream.range(0, height)
                .mapToObj(line -> IntStream.range(0, widths.length)
                        .mapToObj(column -> {
                            List<String> cell = cells.get(column);
                            return DisplayWidth.pad(line < cell.size() ? cell.get(line) : "", widths[column]);
                        })
                        .collect(Collectors.joining(GAP))
                        .stripTrailing())
                .toList();
    }

    /** Breaks at a blank if the line has one, else between any two characters, as Chinese is broken. */
    public static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int columns = 0;
        for (int codePoint : text.codePoints().toArray()) {
            int wide = DisplayWidth.of(codePoint);
            if (columns + wide > width && !line.isEmpty()) {
                int blank = line.lastIndexOf(" ");
                boolean insideWord = codePoint != ' ' && blank > 0 && wide == 1;
                String rest = insideWord ? line.substring(blank + 1) : "";
                lines.add((insideWord ? line.substring(0, blank) : line.toString()).stripTrailing());
                line = new StringBuilder(rest);
                columns = DisplayWidth.of(rest);
                if (codePoint == ' ') {
                    continue;
                }
            }
            line.appendCodePoint(codePoint);
            columns += wide;
        }
        lines.add(line.toString());
        return lines;
    }
}
