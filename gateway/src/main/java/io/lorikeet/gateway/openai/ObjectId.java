package io.lorikeet.gateway.openai;

import java.security.SecureRandom;
import java.time.Instant;

/** Ids that nobody has to hand out and that sort as what they name was made: milliseconds, then chance. */
public final class ObjectId {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int RADIX = 36;
    /** Enough for the years until 5188. */
    private static final int TIME_DIGITS = 9;

    private ObjectId() {}

    /**
     * A new one.
     *
     * @param length without the prefix
     */
    public static String next(String prefix, int length) {
        var time = Long.toString(Instant.now().toEpochMilli(), RADIX);
        var id = new StringBuilder(prefix)
                .repeat('0', TIME_DIGITS - time.length())
                .append(time);
        for (int i = TIME_DIGITS; i < length; i++) {
            id.append(Character.forDigit(RANDOM.nextInt(RADIX), RADIX));
        }
        return id.toString();
    }
}
