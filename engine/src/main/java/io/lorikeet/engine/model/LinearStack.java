package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.List;

/** Linear modules of a layer that share an input: their weights lie one below the other, so that they are one product. */
public enum LinearStack {
    QKV_PROJ(LinearModule.Q_PROJ, LinearModule.K_PROJ, LinearModule.V_PROJ),
    O_PROJ(LinearModule.O_PROJ),
    GATE_UP_PROJ(LinearModule.GATE_PROJ, LinearModule.UP_PROJ),
    DOWN_PROJ(LinearModule.DOWN_PROJ);

    @SuppressWarnings("ImmutableEnumChecker") // unmodifiable
    private final List<LinearModule> modules;

    LinearStack(LinearModule... modules) {
        this.modules = List.of(modules);
    }

    /** The stack that a module is in. */
    public static LinearStack of(LinearModule module) {
        return Arrays.stream(values())
                .filter(stack -> stack.modules.contains(module))
                .findFirst()
                .orElseThrow();
    }

    /** From the top. */
    public List<LinearModule> modules() {
        return modules;
    }

    /** Columns. */
    public int inFeatures(ModelConfig config) {
        return modules.getFirst().inFeatures(config);
    }

    /** Rows. */
    public int outFeatures(ModelConfig config) {
        return modules.stream().mapToInt(m -> m.outFeatures(config)).sum();
    }

    /** Numbers of its matrix. */
    public long elements(ModelConfig config) {
        return (long) outFeatures(config) * inFeatures(config);
    }

    /** The row at which a module of this stack begins. */
    public int firstRow(LinearModule module, ModelConfig config) {
        return modules.subList(0, modules.indexOf(module)).stream()
                .mapToInt(m -> m.outFeatures(config))
                .sum();
    }
}
