package io.lorikeet.gateway.canary;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.Canary;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Who is answered by a canary. The same ones each time, at every gateway, without anything kept: whoever asks has a place from 0
 * to 1, another one for each canary, and the canary has those below its share. A larger share keeps those that it had.
 */
final class Share {
    private static final int BITS = 53;

    private Share() {}

    /** Whether the canary answers requests of this one. */
    static boolean includes(Canary canary, String who) {
        return place(canary.checkpoint().adapter() + "\n" + canary.version() + "\n" + who) < canary.share();
    }

    private static double place(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return (ByteBuffer.wrap(digest).getLong() >>> (Long.SIZE - BITS)) / (double) (1L << BITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
