package io.lorikeet.engine.program;

import ai.djl.pytorch.jni.IValue;

/** Tensors of one program, for another program on another thread and device to read, once. */
public final class SharedTensors {
    private final IValue value;

    SharedTensors(IValue value) {
        this.value = value;
    }

    /** To be handed to one call, which closes it. */
    IValue value() {
        return value;
    }
}
