package io.lorikeet.engine.program;

import io.lorikeet.engine.program.ModuleState.Value.Flag;
import io.lorikeet.engine.program.ModuleState.Value.Int;
import io.lorikeet.engine.program.ModuleState.Value.Ints;
import io.lorikeet.engine.program.ModuleState.Value.Module;
import io.lorikeet.engine.program.ModuleState.Value.NoElements;
import io.lorikeet.engine.program.ModuleState.Value.NoTensors;
import io.lorikeet.engine.program.ModuleState.Value.Real;
import io.lorikeet.engine.program.ModuleState.Value.Text;
import io.lorikeet.engine.program.ModuleState.Value.Texts;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The attributes of one TorchScript module before its first call: those that Java says, and empty lists for the others,
 * which the module fills itself. A module may have others as attributes, and several may have the same one.
 */
final class ModuleState {
    private static final Pattern CLASS =
            Pattern.compile("^class (\\w+)\\(Module\\):\\n((?: {2}\\w+(?: : .+| = .+)\\n)+)", Pattern.MULTILINE);
    private static final Pattern LIST = Pattern.compile("^ {2}(\\w+) : (List\\[.+])$", Pattern.MULTILINE);

    private final String className;
    private final Map<String, Value> attributes = new LinkedHashMap<>();

    /** An attribute's value. */
    sealed interface Value {
        /** True or false. */
        record Flag(boolean value) implements Value {}

        /** A whole number. */
        record Int(int value) implements Value {}

        /** A number. */
        record Real(double value) implements Value {}

        /** A string. */
        record Text(String value) implements Value {}

        /** Another module. */
        record Module(ModuleState state) implements Value {}

        /** Whole numbers. */
        record Ints(List<Integer> values) implements Value {}

        /** Strings. */
        record Texts(List<String> values) implements Value {}

        /** Tensors, none yet. */
        record NoTensors() implements Value {}

        /** Anything else, none yet. */
        record NoElements() implements Value {}
    }

    /**
     * The state of a source file's module.
     *
     * @param file its name
     */
    ModuleState(String file, String source) {
        Matcher declared = CLASS.matcher(source);
        if (!declared.find()) {
            throw new IllegalStateException(file + " has no module");
        }
        className = "__torch__.decoder." + file + "\n" + declared.group(1);
        attributes.put("training", new Flag(false));
        Matcher list = LIST.matcher(declared.group(2));
        while (list.find()) {
            boolean tensors = list.group(2).equals("List[Tensor]");
            attributes.put(list.group(1), tensors ? new NoTensors() : new NoElements());
        }
    }

    ModuleState with(String name, boolean value) {
        return put(name, new Flag(value));
    }

    ModuleState with(String name, int value) {
        return put(name, new Int(value));
    }

    ModuleState with(String name, double value) {
        return put(name, new Real(value));
    }

    ModuleState with(String name, String value) {
        return put(name, new Text(value));
    }

    ModuleState with(String name, ModuleState module) {
        return put(name, new Module(module));
    }

    ModuleState withInts(String name, List<Integer> values) {
        return put(name, new Ints(values));
    }

    ModuleState withStrings(String name, List<String> values) {
        return put(name, new Texts(values));
    }

    private ModuleState put(String name, Value value) {
        attributes.put(name, value);
        return this;
    }

    /** Module and class as a pickle names them, a line each. */
    String className() {
        return className;
    }

    Map<String, Value> attributes() {
        return Collections.unmodifiableMap(attributes);
    }
}
