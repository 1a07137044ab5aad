package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The functions of one native library, by name. */
@SuppressWarnings("restricted") // loading libraries and calling their functions is what this is for
final class NativeFunctions {
    private final String library;
    private final SymbolLookup symbols;

    private NativeFunctions(String library, SymbolLookup symbols) {
        this.library = library;
        this.symbols = symbols;
    }

    /** A library by its file or its soname; empty if the system cannot load it. It stays loaded. */
    static Optional<NativeFunctions> of(String library) {
        try {
            return Optional.of(new NativeFunctions(library, SymbolLookup.libraryLookup(library, Arena.global())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** What every process has: the C library. */
    static NativeFunctions ofSystem() {
        return new NativeFunctions("the C library", Linker.nativeLinker().defaultLookup());
    }

    /** Whether there is such a function. */
    boolean has(String name) {
        return symbols.find(name).isPresent();
    }

    MethodHandle find(String name, FunctionDescriptor type) {
        return symbols.find(name)
                .map(address -> Linker.nativeLinker().downcallHandle(address, type))
                .orElseThrow(() -> new EngineException(library + " has no function " + name));
    }

    /** A call of a method handle, whose signature declares Throwable. */
    interface Call<T> {
        T run() throws Throwable;
    }

    /** Runs a native call; what it throws can only be a mistake in this code. */
    static <T> T call(Call<T> call) {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a native call failed", e);
        }
    }
}
