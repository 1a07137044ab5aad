package io.lorikeet.contracts;

import java.util.List;
import java.util.stream.Collectors;

/** A message that breaks its contract: what was found to be wrong, in one message. */
public final class ContractException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    /** So many problems a person can take in; the others are counted. */
    public static final int MOST_PROBLEMS = 20;

    private final transient List<Problem> problems;

    /**
     * @param subject what was read, e.g. {@code training command}
     * @param problems at least one; of more than {@link #MOST_PROBLEMS} the first are told
     */
    public ContractException(String subject, List<Problem> problems) {
        this(subject, problems, problems.size());
    }

    /**
     * @param problems at least one
     * @param found how many there are, of which {@code problems} are the first
     */
    public ContractException(String subject, List<Problem> problems, int found) {
        super(message(subject, told(problems), found));
        this.problems = told(problems);
    }

    /** One problem. */
    public ContractException(String subject, Problem problem) {
        this(subject, List.of(problem));
    }

    /** What is wrong, a line each; the first ones, if there are very many. */
    public List<Problem> problems() {
        return problems;
    }

    private static List<Problem> told(List<Problem> problems) {
        return List.copyOf(problems.size() > MOST_PROBLEMS ? problems.subList(0, MOST_PROBLEMS) : problems);
    }

    private static String message(String subject, List<Problem> problems, int found) {
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("a contract exception without a problem");
        }
        var all = problems.stream().map(Problem::toString).collect(Collectors.joining(" | "));
        if (found == 1) {
            return subject + ": " + all;
        }
        var more = found - problems.size();
        return subject + ": " + found + " problems: " + all + (more == 0 ? "" : " | and " + more + " more");
    }
}
