package io.lorikeet.engine.program;

import ai.djl.engine.Engine;
import ai.djl.huggingface.tokenizers.jni.LibUtils;

/** Unpacks the native libraries to {@code DJL_CACHE_DIR} and loads them, so that an image has them before it starts. */
public final class NativeLibraries {
    private NativeLibraries() {}

    /** Fails if one is missing or does not load. */
    public static void main(String[] args) {
        Engine engine = Engine.getInstance();
        LibUtils.checkStatus();
        System.out.printf("%s %s%n", engine.getEngineName(), engine.getVersion());
    }
}
