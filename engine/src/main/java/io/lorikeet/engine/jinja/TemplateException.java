package io.lorikeet.engine.jinja;

import io.lorikeet.engine.EngineException;

/** A template that cannot be parsed, or that does not render what it was given: its own refusal, or a fault in it. */
public final class TemplateException extends EngineException {
    private static final long serialVersionUID = 1L;

    public TemplateException(String message) {
        super(message);
    }
}
