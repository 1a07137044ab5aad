package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.util.function.Supplier;

/**
 * The C library's heap while weights are loaded. What a layer's tensors leave behind lies between the weights that stay: with
 * glibc's own settings, half as much again as these. So large blocks get memory of their own for that time, which goes back to
 * the system when they are freed; afterwards, when steps ask for the same blocks over and over, the heap keeps them. Where the C
 * library is not glibc nothing is changed.
 */
final class NativeHeap {
    private static final int TRIM_THRESHOLD = -1;
    private static final int MMAP_THRESHOLD = -3;
    private static final int WHILE_LOADING = 128 << 10;
    /** The largest that glibc takes, to which its own threshold grows. */
    private static final int AFTERWARDS = 32 << 20;

    private static final NativeFunctions LIBC = NativeFunctions.ofSystem();

    private NativeHeap() {}

    /** Runs what loads weights. */
    static <T> T whileLoading(Supplier<T> load) {
        threshold(WHILE_LOADING);
        try {
            return load.get();
        } finally {
            threshold(AFTERWARDS);
            trim();
        }
    }

    private static void threshold(int bytes) {
        if (LIBC.has("mallopt")) {
            var mallopt = LIBC.find("mallopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
            var unused = NativeFunctions.call(() -> (int) mallopt.invokeExact(MMAP_THRESHOLD, bytes));
            unused = NativeFunctions.call(() -> (int) mallopt.invokeExact(TRIM_THRESHOLD, 2 * bytes));
        }
    }

    private static void trim() {
        if (LIBC.has("malloc_trim")) {
            var trim = LIBC.find("malloc_trim", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
            var unused = NativeFunctions.call(() -> (int) trim.invokeExact(0L));
        }
    }
}
