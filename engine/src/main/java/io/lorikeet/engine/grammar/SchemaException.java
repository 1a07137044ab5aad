package io.lorikeet.engine.grammar;

/** A JSON Schema that cannot be enforced. The message begins with the path of what cannot. */
public final class SchemaException extends io.lorikeet.engine.EngineException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String problem;

    SchemaException(String path, String problem) {
        super((path.isEmpty() ? "the schema" : path) + ": " + problem);
        this.path = path;
        this.problem = problem;
    }

    /** Where, as {@code properties.age.multipleOf}; empty for the schema itself. */
    public String path() {
        return path;
    }

    /** What is wrong there. */
    public String problem() {
        return problem;
    }
}
