package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * NVIDIA's compiler for CUDA C++ as a library, which comes with every PyTorch for CUDA. It needs no other tools, and no device.
 *
 * @see <a href="https://docs.nvidia.com/cuda/nvrtc/">NVRTC</a>
 */
@SuppressWarnings("restricted") // a library's functions and memory are native
final class Nvrtc {
    /** PyTorch's own library that is linked to it, then its names of CUDA 13 and 12. */
    private static final List<String> LIBRARIES =
            List.of("libcaffe2_nvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so");

    private static final String BUILTINS = "libnvrtc-builtins";
    private static final Path LOADED = Path.of("/proc/self/maps");

    private final NativeFunctions functions;

    private Nvrtc(NativeFunctions functions) {
        this.functions = functions;
    }

    /**
     * The library; empty if there is none.
     *
     * @param pytorch the folder of PyTorch's libraries
     */
    static Optional<Nvrtc> find(Path pytorch) {
        Optional<NativeFunctions> found = LIBRARIES.stream()
                .flatMap(name -> Stream.of(pytorch.resolve(name).toString(), name))
                .flatMap(name -> NativeFunctions.of(name).stream())
                .filter(library -> library.has("nvrtcCompileProgram"))
                .findFirst();
        // it looks for a second library by name, and not in its own folder
        found.ifPresent(library -> loadBuiltins());
        return found.map(Nvrtc::new);
    }

    private static void loadBuiltins() {
        try (Stream<String> lines = Files.lines(LOADED)) {
            Optional<Path> folder = lines.filter(line -> line.contains("/libnvrtc.") || line.contains("/libnvrtc-"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))).getParent())
                    .findFirst();
            if (folder.isEmpty()) {
                return;
            }
            try (Stream<Path> files = Files.list(folder.get())) {
                files.map(Path::toString)
                        .filter(name -> name.contains(BUILTINS) && !name.contains(".alt."))
                        .forEach(NativeFunctions::of);
            }
        } catch (IOException e) {
            // then it finds it by itself or says so when it compiles
            return;
        }
    }

    /** As 13.0. */
    String version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment major = arena.allocate(JAVA_INT);
            MemorySegment minor = arena.allocate(JAVA_INT);
            MethodHandle version = function("nvrtcVersion", ADDRESS, ADDRESS);
            check("nvrtcVersion", NativeFunctions.call(() -> (int) version.invokeExact(major, minor)));
            return major.get(JAVA_INT, 0) + "." + minor.get(JAVA_INT, 0);
        }
    }

    /**
     * Machine code of CUDA C++.
     *
     * @param architecture as sm_90
     * @throws EngineException with the first line of what the compiler says
     */
    byte[] compile(String source, String architecture) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            MemorySegment text = arena.allocateFrom(source);
            MemorySegment name = arena.allocateFrom("decode.cu");
            MethodHandle create = function("nvrtcCreateProgram", ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
            check("nvrtcCreateProgram", NativeFunctions.call(() ->
                    (int) create.invokeExact(pointer, text, name, 0, MemorySegment.NULL, MemorySegment.NULL)));
            MemorySegment program = pointer.get(ADDRESS, 0);
            try {
                // what does not say where it runs, as constant expressions do not, runs on the device
                List<String> given = List.of(
                        "--gpu-architecture=" + architecture, "--std=c++17", "--device-as-default-execution-space");
                MemorySegment options = arena.allocate(ADDRESS, given.size());
                for (int i = 0; i < given.size(); i++) {
                    options.setAtIndex(ADDRESS, i, arena.allocateFrom(given.get(i)));
                }
                MethodHandle compile = function("nvrtcCompileProgram", ADDRESS, JAVA_INT, ADDRESS);
                int result = NativeFunctions.call(() -> (int) compile.invokeExact(program, given.size(), options));
                if (result != 0) {
                    throw new EngineException("the kernels do not compile for " + architecture + ": "
                            + firstError(
                                    new String(read(arena, program, "nvrtcGetProgramLog"), StandardCharsets.UTF_8)));
                }
                return read(arena, program, "nvrtcGetCUBIN");
            } finally {
                MethodHandle destroy = function("nvrtcDestroyProgram", ADDRESS);
                int unused = NativeFunctions.call(() -> (int) destroy.invokeExact(pointer));
            }
        }
    }

    private byte[] read(Arena arena, MemorySegment program, String what) {
        MemorySegment size = arena.allocate(JAVA_LONG);
        MethodHandle sizeOf = function(what + "Size", ADDRESS, ADDRESS);
        check(what + "Size", NativeFunctions.call(() -> (int) sizeOf.invokeExact(program, size)));
        MemorySegment bytes = arena.allocate(size.get(JAVA_LONG, 0));
        MethodHandle get = function(what, ADDRESS, ADDRESS);
        check(what, NativeFunctions.call(() -> (int) get.invokeExact(program, bytes)));
        return bytes.toArray(JAVA_BYTE);
    }

    /** The line that says what is wrong: warnings may come before it. */
    static String firstError(String log) {
        return log.lines()
                .filter(line -> line.contains("error"))
                .findFirst()
                .orElseGet(() -> log.strip().lines().findFirst().orElse("no message"))
                .strip();
    }

    private MethodHandle function(String name, MemoryLayout... arguments) {
        return functions.find(name, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static void check(String name, int result) {
        if (result != 0) {
            throw new EngineException("NVIDIA's compiler failed: error " + result + " in " + name);
        }
    }
}
