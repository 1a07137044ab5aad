package io.lorikeet.engine.conformance;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.program.Device;
import java.nio.file.Path;

/** {@code conformance DIR [DEVICE]}: prints a line a comparison; exits with 0 if all are within their bounds, 1 if not, 2 on an error. */
public final class ConformanceMain {
    private ConformanceMain() {}

    public static void main(String[] arguments) {
        if (arguments.length != 1 && arguments.length != 2) {
            System.err.println(
                    "usage: conformance DIR [DEVICE], a folder with model/, adapter-initial/, adapter-trained/, "
                            + "expected.safetensors, training-batches.safetensors and training-expected.json");
            System.exit(2);
        }
        try {
            boolean ok = Conformance.run(
                    Path.of(arguments[0]),
                    Device.of(arguments.length == 2 ? arguments[1] : "cpu"),
                    System.out::println);
            System.out.println(ok ? "all within bounds" : "NOT within bounds");
            System.exit(ok ? 0 : 1);
        } catch (EngineException e) {
            System.err.println("conformance: " + e.getMessage());
            System.exit(2);
        }
    }
}
