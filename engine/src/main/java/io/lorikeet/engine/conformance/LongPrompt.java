package io.lorikeet.engine.conformance;

import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.conformance.Conformance.Bounds;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.program.Device;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A prompt too long for the logits of all its tokens: {@code long-expected.safetensors} has its {@code input_ids} [1, tokens] and
 * the logits of the last ones, {@code logits_last} [n, vocabSize]. It runs in chunks, as a long prompt does.
 */
final class LongPrompt {
    static final String FILE = "long-expected.safetensors";
    private static final int CHUNK = 2048;

    private LongPrompt() {}

    static boolean run(Path folder, Device device, Consumer<Check> report) {
        try (Safetensors expected = Safetensors.open(folder.resolve(FILE))) {
            int[] ids = Reference.rows(Reference.tensor(expected, "input_ids", folder))[0];
            var last = Reference.tensor(expected, "logits_last", folder);
            int count = Math.toIntExact(last.shape()[0]);
            var difference = new Difference(last.toFloats());
            difference.add(
                    new ReferenceModel(folder, device).serve(DType.F32, 1, _ -> 1, (program, _) -> program.serve()
                            .lastLogits(ids, count, CHUNK, 0, Optional.empty())));
            var check = new Check(
                    "logits of the last " + count + " of " + ids.length + " tokens",
                    difference.in(device.dtype()),
                    Bounds.of(device.dtype()).logits());
            report.accept(check);
            return check.ok();
        }
    }
}
