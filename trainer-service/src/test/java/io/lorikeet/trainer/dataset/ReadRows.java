package io.lorikeet.trainer.dataset;

import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.trainer.files.Root;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a loader read, with its rows in the place of their numbers. */
record ReadRows(
        List<Conversation> train,
        List<Conversation> validation,
        List<Dropped> dropped,
        List<DatasetFile> files,
        List<String> warnings) {

    static ReadRows of(Path root, DatasetLoader.Request request) {
        var rows = new ArrayList<Conversation>();
        DatasetLoader.Data data = new DatasetLoader(Root.anywhere(root), () -> {}).load(request, rows::add);
        return new ReadRows(
                IntStream.of(data.train()).mapToObj(rows::get).toList(),
                IntStream.of(data.validation()).mapToObj(rows::get).toList(),
                data.dropped(),
                data.files(),
                data.warnings());
    }
}
