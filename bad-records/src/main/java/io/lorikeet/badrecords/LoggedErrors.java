package io.lorikeet.badrecords;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Whatever is logged as an error or with a stack trace, by whomever, until it is closed. */
public final class LoggedErrors extends Handler implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");

    private final List<String> errors = new CopyOnWriteArrayList<>();

    /** Begins to listen. */
    public LoggedErrors() {
        ROOT.addHandler(this);
    }

    /** What is to be empty. */
    public List<String> errors() {
        return errors;
    }

    @Override
    public void publish(LogRecord line) {
        boolean told = line.getLevel().intValue() >= Level.INFO.intValue();
        if (line.getLevel().intValue() >= Level.SEVERE.intValue() || (told && line.getThrown() != null)) {
            errors.add("%s: %s %s".formatted(line.getLoggerName(), line.getMessage(), line.getThrown()));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ROOT.removeHandler(this);
    }
}
