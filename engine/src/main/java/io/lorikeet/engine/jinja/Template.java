package io.lorikeet.engine.jinja;

import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/** A template, parsed; renders as transformers does. Safe for use by several threads. */
public final class Template {
    private final List<Node.Statement> statements;
    private final Map<String, Value> globals;

    private Template(List<Node.Statement> statements, Clock clock) {
        this.statements = statements;
        this.globals = Functions.all(clock);
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException naming the line, if it is no Jinja or has anything that this does not render as Jinja would
     */
    public static Template parse(String source) {
        return parse(source, Clock.system(ZoneId.systemDefault()));
    }

    /** The same, with the time that {@code strftime_now} tells. */
    static Template parse(String source, Clock clock) {
        return new Template(Parser.parse(source), clock);
    }

    /**
     * Renders it.
     *
     * @param variables by name
     * @throws TemplateException if the template refuses what it is given, or fails
     */
    public Text render(Map<String, Value> variables) {
        return Renderer.render(statements, globals, variables);
    }
}
