package io.lorikeet.engine.adapter;

import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/**
 * PEFT's {@code target_modules}, matched against the base model as PEFT does: a list names modules by their path or by the
 * end of it, a string is {@code all-linear} or a regular expression over the whole path.
 */
final class TargetModules {
    private static final String ALL_LINEAR = "all-linear";
    private static final int MAX_REGEX = 4096;
    private static final int MAX_REGEX_STEPS = 100_000;

    private TargetModules() {}

    static Set<LinearModule> ofList(List<String> names, ModelConfig base) {
        Set<String> unmatched = new TreeSet<>();
        Set<String> matched = new TreeSet<>();
        for (String name : names) {
            List<String> hits = modulePaths(base).stream()
                    .filter(path -> path.equals(name) || path.endsWith("." + name))
                    .toList();
            matched.addAll(hits);
            if (hits.isEmpty()) {
                unmatched.add(name);
            }
        }
        if (!unmatched.isEmpty()) {
            throw new AdapterException(
                    Reason.NO_MATCHING_MODULE,
                    "target_modules: " + unmatched + " name no linear layer of this base model; it has " + allNames()
                            + " in " + base.numHiddenLayers() + " layers");
        }
        return modules(names.toString(), matched::contains, base);
    }

    static Set<LinearModule> ofString(String expression, ModelConfig base) {
        if (expression.equalsIgnoreCase(ALL_LINEAR)) {
            return LoraConfig.allLinear();
        }
        return modules(expression, matching("target_modules", expression), base);
    }

    /** Which modules match in every layer; what matches in some layers alone would not be honoured. */
    private static Set<LinearModule> modules(String shown, Predicate<String> targeted, ModelConfig base) {
        refuseOutsideTheLayers(shown, targeted);
        Map<LinearModule, List<Integer>> layers = new EnumMap<>(LinearModule.class);
        for (LinearModule module : LinearModule.values()) {
            layers.put(
                    module,
                    IntStream.range(0, base.numHiddenLayers())
                            .filter(layer -> targeted.test(module.path(layer)))
                            .boxed()
                            .toList());
        }
        Set<LinearModule> matched = EnumSet.noneOf(LinearModule.class);
        layers.forEach((module, hits) -> {
            if (hits.size() == base.numHiddenLayers()) {
                matched.add(module);
            } else if (!hits.isEmpty()) {
                throw new AdapterException(
                        Reason.UNSUPPORTED_CONFIG,
                        "target_modules: " + shown + " targets " + module.moduleName() + " in layers " + hits + " of "
                                + base.numHiddenLayers() + " alone; a module must be targeted in all layers or none");
            }
        });
        if (matched.isEmpty()) {
            throw new AdapterException(
                    Reason.NO_MATCHING_MODULE,
                    "target_modules: " + shown + " matches no linear layer of this base model; it has " + allNames());
        }
        return matched;
    }

    private static void refuseOutsideTheLayers(String shown, Predicate<String> targeted) {
        for (String path : List.of("lm_head", "model.embed_tokens")) {
            if (targeted.test(path)) {
                throw new AdapterException(
                        Reason.UNSUPPORTED_CONFIG,
                        "target_modules: " + shown + " targets " + path + "; supported are " + allNames());
            }
        }
    }

    /** Every path that a name may match: the linear layers, and the two matrices around them. */
    private static List<String> modulePaths(ModelConfig base) {
        List<String> paths = new ArrayList<>(List.of("lm_head", "model.embed_tokens"));
        for (int layer = 0; layer < base.numHiddenLayers(); layer++) {
            for (LinearModule module : LinearModule.values()) {
                paths.add(module.path(layer));
            }
        }
        return paths;
    }

    /** Like {@code re.fullmatch}, but an expression that backtracks without end is given up. */
    static Predicate<String> matching(String field, String expression) {
        Pattern pattern = compile(field, expression);
        return path -> pattern.matcher(new Budgeted(field, path, new int[] {MAX_REGEX_STEPS}))
                .matches();
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
                    field + ": expected a list of names, all-linear or a regular expression, found " + expression + " ("
                            + e.getMessage() + ")",
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
