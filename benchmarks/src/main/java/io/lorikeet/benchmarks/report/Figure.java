package io.lorikeet.benchmarks.report;

import java.util.Locale;

/** One measured number with its unit, as {@code tokens/s} or {@code ms}; an empty unit for a count or a ratio. */
public record Figure(String name, double value, String unit) {

    public static Figure of(String name, double value, String unit) {
        return new Figure(name, value, unit);
    }

    public static Figure count(String name, long value) {
        return new Figure(name, value, "");
    }

    public static Figure ratio(String name, double value) {
        return new Figure(name, value, "×");
    }

    /** Memory in MiB. */
    public static Figure memory(String name, long bytes) {
        return new Figure(name, bytes / (double) (1L << 20), "MiB");
    }

    /** The value to four digits, with its unit. */
    public String text() {
        return (number(value) + " " + unit).strip();
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.format(Locale.ROOT, "%,d", (long) value);
        }
        int decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
