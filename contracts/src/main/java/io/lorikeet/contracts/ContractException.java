package io.lorikeet.contracts;

import java.util.List;
import java.util.stream.Collectors;

/** A message that breaks its contract: every problem that was found, in one message. */
public final class ContractException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /**
     * @param subject what was read, e.g. {@code training command}
     * @param problems at least one
     */
    public ContractException(String subject, List<Problem> problems) {
        super(message(subject, problems));
        this.problems = List.copyOf(problems);
    }

    /** One problem. */
    public ContractException(String subject, Problem problem) {
        this(subject, List.of(problem));
    }

    /** What is wrong, a line each. */
    public List<Problem> problems() {
        return problems;
    }

    private static String message(String subject, List<Problem> problems) {
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("a contract exception without a problem");
        }
        var all = problems.stream().map(Problem::toString).collect(Collectors.joining(" | "));
        return problems.size() == 1 ? subject + ": " + all : subject + ": " + problems.size() + " problems: " + all;
    }
}
