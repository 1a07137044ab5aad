package io.lorikeet.trainer.dataset;

import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.trainer.files.Root;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a loader read, with its rows in the place of their numbers. */
record ReadRows(
        List<DatasetRow> train,
        List<DatasetRow> validation,
        List<Dropped> dropped,
        List<DatasetFile> files,
        List<String> warnings) {

    /** What to read, and what to choose of it. */
    record Asked(DatasetLoader.Request request, double split, long seed) {}

    static ReadRows of(Path root, Asked asked) {
        var rows = new ArrayList<DatasetRow>();
        DatasetLoader.Read data = new DatasetLoader(Root.anywhere(root), () -> {}).read(asked.request(), rows::add);
        DatasetLoader.Chosen chosen = data.choose(asked.split(), asked.seed());
        return new ReadRows(
                IntStream.of(chosen.train()).mapToObj(rows::get).toList(),
                IntStream.of(chosen.validation()).mapToObj(rows::get).toList(),
                data.dropped(),
                data.files(),
                data.warnings());
    }
}
