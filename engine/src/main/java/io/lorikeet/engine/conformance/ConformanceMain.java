package io.lorikeet.engine.conformance;

import io.lorikeet.engine.EngineException;
import java.nio.file.Path;

/** {@code conformance DIR}: prints a line a comparison; exits with 0 if all are within their bounds, 1 if not, 2 on an error. */
public final class ConformanceMain {
    private ConformanceMain() {}

    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            System.err.println("usage: conformance DIR, a folder with model/, adapter-initial/, adapter-trained/, "
                    + "expected.safetensors, training-batches.safetensors and training-expected.json");
            System.exit(2);
        }
        try {
            boolean ok = Conformance.run(Path.of(arguments[0]), System.out::println);
            System.out.println(ok ? "all within bounds" : "NOT within bounds");
            System.exit(ok ? 0 : 1);
        } catch (EngineException e) {
            System.err.println("conformance: " + e.getMessage());
            System.exit(2);
        }
    }
}
