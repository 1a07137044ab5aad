package io.lorikeet.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.MDC;

/**
 * What the log lines of a block are about, in SLF4J's MDC. Closing it puts back what was there before: threads of the engine
 * serve everybody in turn.
 */
public final class LogContext implements AutoCloseable {
    private static final String ADAPTER = "adapter";
    private static final String VERSION = "version";

    private final Map<String, String> before = current();

    private LogContext() {}

    /** What this thread's lines are about now, to be taken to another thread. */
    public static Map<String, String> current() {
        return Objects.requireNonNullElse(MDC.getCopyOfContextMap(), Map.of());
    }

    /** Lines are about this, and nothing else. */
    public static LogContext of(Map<String, String> about) {
        var context = new LogContext();
        MDC.setContextMap(about);
        return context;
    }

    /**
     * Lines are about this adapter, beside what they are about.
     *
     * @param version null if none is meant
     */
    public static LogContext of(String adapter, String version) {
        return of(with(current(), adapter, version));
    }

    /** What {@code about} says, and this adapter version. */
    public static Map<String, String> with(Map<String, String> about, String adapter, String version) {
        var more = new HashMap<>(about);
        more.put(ADAPTER, adapter);
        if (version == null) {
            more.remove(VERSION);
        } else {
            more.put(VERSION, version);
        }
        return more;
    }

    @Override
    public void close() {
        MDC.setContextMap(before);
    }
}
