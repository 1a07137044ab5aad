package io.lorikeet.engine.adapter;

import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * PEFT's {@code target_modules}, matched against the base model as PEFT does: a list names modules by their path or by the
 * end of it, a string is {@code all-linear} or a regular expression over the whole path.
 */
final class TargetModules {
    private static final String ALL_LINEAR = "all-linear";
    private static final List<String> AROUND_THE_LAYERS = List.of("lm_head", "model.embed_tokens");
    private static final int MAX_REGEX = 4096;
    private static final int MAX_REGEX_STEPS = 100_000;

    private TargetModules() {}

    /** Paths that a list names; each name has to match some. */
    static Predicate<String> ofList(List<String> names, ModelConfig base) {
        Set<String> unmatched = new TreeSet<>(names);
        unmatched.removeIf(name -> modulePaths(base).stream().anyMatch(named(List.of(name))));
        if (!unmatched.isEmpty()) {
            throw new AdapterException(
                    Reason.NO_MATCHING_MODULE,
                    "target_modules: " + unmatched + " name no linear layer of this base model; it has " + allNames()
                            + " in " + base.numHiddenLayers() + " layers");
        }
        return named(names);
    }

    /** Paths that a string stands for. */
    static Predicate<String> ofString(String expression) {
        return isAllLinear(expression) ? named(allNames()) : matching("target_modules", expression);
    }

    static boolean isAllLinear(String expression) {
        return expression.equalsIgnoreCase(ALL_LINEAR);
    }

    /** Paths that are one of the names, or end with one. */
    static Predicate<String> named(List<String> names) {
        return path -> names.stream().anyMatch(name -> path.equals(name) || path.endsWith("." + name));
    }

    /** The modules of all layers that are targeted, at least one. */
    static SortedSet<LoraTarget> targets(String shown, Predicate<String> targeted, ModelConfig base) {
        for (String path : AROUND_THE_LAYERS) {
            if (targeted.test(path)) {
                throw new AdapterException(
                        Reason.UNSUPPORTED_CONFIG,
                        "adapter_config.json: target_modules: " + shown + " targets " + path + "; supported are "
                                + allNames() + ". " + PeftConfigReader.MERGE);
            }
        }
        SortedSet<LoraTarget> targets = new TreeSet<>();
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : LinearModule.values()) {
                if (targeted.test(module.path(layer))) {
                    targets.add(new LoraTarget(layer, module));
                }
            }
        }
        if (targets.isEmpty()) {
            throw new AdapterException(
                    Reason.NO_MATCHING_MODULE,
                    "target_modules: " + shown + " matches no linear layer of this base model; it has " + allNames()
                            + " in " + base.numHiddenLayers() + " layers");
        }
        return targets;
    }

    /** Every path that a name may match: the linear layers, and the two matrices around them. */
    private static List<String> modulePaths(ModelConfig base) {
        List<String> paths = new ArrayList<>(AROUND_THE_LAYERS);
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : LinearModule.values()) {
                paths.add(module.path(layer));
            }
        }
        return paths;
    }

    /** Like {@code re.fullmatch}, but an expression that backtracks without end is given up. */
    static Predicate<String> matching(String field, String expression) {
        compile(field, expression);
        return path -> matcher(field, expression, path).matches();
    }

    /** An expression and a path, within the same limit. */
    static Matcher matcher(String field, String expression, String path) {
        return compile(field, expression).matcher(new Budgeted(field, path, new int[] {MAX_REGEX_STEPS}));
    }

    private static Pattern compile(String field, String expression) {
        if (expression.length() > MAX_REGEX) {
            throw new AdapterException(
                    Reason.MALFORMED_CONFIG,
                    field + ": a regular expression of " + expression.length() + " characters; at most " + MAX_REGEX);
        }
        try {
            return Pattern.compile(expression);
        } catch (PatternSyntaxException | StackOverflowError e) {
            throw new AdapterException(
                    Reason.MALFORMED_CONFIG,
                    field + ": expected names or a regular expression, found " + expression + " (" + e.getMessage()
                            + ")",
                    e);
        }
    }

    private static List<String> allNames() {
        return LoraConfig.allLinear().stream().map(LinearModule::moduleName).toList();
    }

    /** Text that may be looked at so many times. */
    private record Budgeted(
            String field,
            String text,
            @SuppressWarnings("ArrayRecordComponent") int[] left) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (left[0]-- == 0) {
                throw new AdapterException(
                        Reason.MALFORMED_CONFIG, field + ": the regular expression takes too long to match");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
