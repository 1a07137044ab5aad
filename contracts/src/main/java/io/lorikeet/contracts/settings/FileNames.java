package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import java.util.List;
import java.util.regex.Pattern;

/** Names of files and folders in a command, as far as they can be judged without looking for them. */
public final class FileNames {
    /** Most rows that {@code path#N} takes: repeating them further is no training that anybody wants. */
    public static final int MOST_SAMPLED = 10_000_000;

    private static final Pattern SAMPLED = Pattern.compile(".*#0*(\\d+)", Pattern.DOTALL);
    private static final int DIGITS = 9;

    private FileNames() {}

    /**
     * Checks a name, unless it is null.
     *
     * @throws ContractException if no file can have it
     */
    public static void check(String field, String name) {
        if (name != null && name.chars().anyMatch(Character::isISOControl)) {
            throw broken(field, "holds a control character", "the name of a file or folder");
        }
    }

    /**
     * Checks {@code path}s and {@code path#N}s.
     *
     * @throws ContractException if one is neither
     */
    public static void checkData(String field, List<String> entries) {
        for (int i = 0; i < entries.size(); i++) {
            var at = field + "[" + i + "]";
            check(at, entries.get(i));
            var sampled = SAMPLED.matcher(entries.get(i));
            if (sampled.matches() && !isCount(sampled.group(1))) {
                throw broken(at, "takes too many rows, or none", "path#N with an N from 1 to " + MOST_SAMPLED);
            }
        }
    }

    private static boolean isCount(String digits) {
        if (digits.length() > DIGITS) {
            return false;
        }
        int count = Integer.parseInt(digits);
        return count >= 1 && count <= MOST_SAMPLED;
    }

    private static ContractException broken(String field, String problem, String expected) {
        return new ContractException("training command", new Problem(field, problem, expected));
    }
}
