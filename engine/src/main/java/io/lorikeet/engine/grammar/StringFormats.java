package io.lorikeet.engine.grammar;

import java.util.Map;
import java.util.TreeSet;

/** JSON Schema's formats of strings, by patterns that all of them match; some of a format's rarer forms are not written. */
final class StringFormats {
    private static final String DATE = "\\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)"
            + "|02-(0[1-9]|1\\d|2[0-8]))";
    private static final String CLOCK = "([01]\\d|2[0-3]):[0-5]\\d";
    private static final String TIME = CLOCK + ":[0-5]\\d(\\.\\d{1,9})?(Z|[+-]" + CLOCK + ")";
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?";
    private static final String HOST = LABEL + "(\\." + LABEL + "){0,5}";
    private static final String HOURS = "(\\d{1,4}H(\\d{1,4}M(\\d{1,4}S)?)?|\\d{1,4}M(\\d{1,4}S)?|\\d{1,4}S)";
    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

    private static final Map<String, String> PATTERNS = Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            DATE + "T" + TIME,
            "duration",
            "P(\\d{1,4}W|T" + HOURS + "|(\\d{1,4}Y(\\d{1,4}M(\\d{1,4}D)?)?|\\d{1,4}M(\\d{1,4}D)?|\\d{1,4}D)(T" + HOURS
                    + ")?)",
            "email",
            "[A-Za-z0-9]{1,20}([._+-][A-Za-z0-9]{1,20}){0,2}@" + HOST,
            "hostname",
            HOST,
            "ipv4",
            BYTE + "(\\." + BYTE + "){3}",
            "ipv6",
            "([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}",
            "uuid",
            "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
            "uri",
            "https?://" + HOST + "(:[1-9]\\d{0,3})?(/[A-Za-z0-9._~-]*)*(\\?[A-Za-z0-9._~=&-]*)?");

    private StringFormats() {}

    /**
     * Texts of a format, between the quotes.
     *
     * @param path of the keyword
     */
    static Expression of(String path, String format) {
        String pattern = PATTERNS.get(format);
        if (pattern == null) {
            throw new SchemaException(
                    path,
                    "is not supported with this value; expected one of "
                            + String.join(", ", new TreeSet<>(PATTERNS.keySet())));
        }
        return RegularExpression.of("^" + pattern + "$");
    }
}
