package io.lorikeet.cli.stack;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of a log file. */
public final class LogTail {

    private static final int WINDOW_BYTES = 64 * 1024;

    /** {@code Caused by: a.b.SomeException: why}, the class name being of no help to a user when there is a why. */
    private static final Pattern CAUSE = Pattern.compile("Caused by: (?:[\\w.$]+(?:Exception|Error): )?(.+)");

    private static final Pattern TROUBLE =
            Pattern.compile("\\bERROR\\b|\\bFATAL\\b|^Exception in thread|^Error\\b|^[\\w.$]+(?:Exception|Error): ");

    private LogTail() {}

    /** The last lines, of those from {@code from} on. */
    private static List<String> lastLines(Path log, long from) {
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            // a file that is shorter was begun anew
            long begin = from <= file.length() ? from : 0;
            long start = Math.max(begin, file.length() - WINDOW_BYTES);
            file.seek(start);
            byte[] bytes = new byte[(int) (file.length() - start)];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * The line that tells best why a process ended: the innermost cause of the last stack trace, else the last line
     * that speaks of an error, else the last line.
     */
    public static String tellingLine(Path log) {
        return tellingLine(log, 0);
    }

    /** The same of what stands from {@code from} on. */
    static String tellingLine(Path log, long from) {
        List<String> lines = lastLines(log, from).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        for (String line : lines.reversed()) {
            Matcher cause = CAUSE.matcher(line);
            if (cause.matches()) {
                return cause.group(1);
            }
        }
        for (String line : lines.reversed()) {
            if (TROUBLE.matcher(line).find()) {
                return line;
            }
        }
        return lines.isEmpty() ? "its log is empty" : lines.getLast();
    }
}
