package io.lorikeet.engine.conformance;

import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.conformance.Conformance.Bounds;
import io.lorikeet.engine.generation.BatchGenerator;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Adapters of every kind on one model: {@code adapters/KIND} as PEFT writes it, and {@code logits_KIND} in expected.safetensors. */
final class AdapterKinds {
    static final String FOLDER = "adapters";
    private static final int LARGEST_RANK = 64;

    private AdapterKinds() {}

    static boolean run(Path folder, Device device, Consumer<Check> report) {
        try (Safetensors expected = Safetensors.open(folder.resolve("expected.safetensors"));
                var listed = Files.list(folder.resolve(FOLDER))) {
            int[][] ids = Reference.rows(Reference.tensor(expected, "input_ids", folder));
            List<Path> kinds = listed.sorted().toList();
            return new ReferenceModel(folder, device).serve(DType.F32, 1, _ -> LARGEST_RANK, (program, generator) -> {
                boolean ok = true;
                for (Path kind : kinds) {
                    float[] logits = Reference.tensor(expected, "logits_" + kind.getFileName(), folder)
                            .toFloats();
                    Check check = check(kind, program.options().config(), generator, ids, logits, device.dtype());
                    report.accept(check);
                    ok &= check.ok();
                }
                return ok;
            });
        } catch (IOException e) {
            throw new CheckpointException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A kind that is refused gives no wrong answer. */
    private static Check check(
            Path kind, ModelConfig model, BatchGenerator generator, int[][] ids, float[] expected, DType dtype) {
        PeftAdapter adapter;
        try {
            adapter = PeftAdapter.read(kind, model);
        } catch (AdapterException e) {
            return new Check(kind.getFileName() + " refused: " + e.getMessage(), 0, 0);
        }
        var difference = new Difference(expected);
        for (int[] row : ids) {
            difference.add(generator.logits(row, Optional.of(adapter)));
        }
        return new Check(
                "logits with " + kind.getFileName(),
                difference.in(dtype),
                Bounds.of(dtype).logits());
    }
}
