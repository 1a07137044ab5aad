package io.lorikeet.gateway.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/**
 * Counts the tokens of an answer as it passes: what it says itself, or, of a stream that says nothing or breaks off, one for
 * each event and one for each four bytes of the question.
 */
public final class TokenMeter {
    /** Counts nothing. */
    public static final TokenMeter NONE = new TokenMeter(0, null);

    private static final Pattern TOTAL = Pattern.compile("\"total_tokens\"\\s*:\\s*(\\d{1,9})");
    private static final Pattern EVENT = Pattern.compile("^data:", Pattern.MULTILINE);
    private static final int BYTES_OF_A_TOKEN = 4;

    /** The usage stands near the end. */
    private static final int TAIL = 2_048;

    private final int question;
    private final LongConsumer used;
    private String tail = "";
    private long events;

    TokenMeter(int question, LongConsumer used) {
        this.question = question;
        this.used = used;
    }

    /** The same answer, counted when it has ended, however it does. */
    public Multi<Buffer> metered(Multi<Buffer> body) {
        return used == null ? body : body.invoke(this::look).onTermination().invoke(() -> used.accept(total()));
    }

    private void look(Buffer chunk) {
        var text = chunk.toString(ISO_8859_1);
        events += EVENT.matcher(text).results().count();
        var both = tail + text;
        tail = both.substring(Math.max(0, both.length() - TAIL));
    }

    private long total() {
        long said = TOTAL.matcher(tail)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .reduce(0, (_, last) -> last);
        return said > 0 ? said : events == 0 ? 0 : events + question / BYTES_OF_A_TOKEN;
    }
}
