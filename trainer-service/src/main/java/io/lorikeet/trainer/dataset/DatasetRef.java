package io.lorikeet.trainer.dataset;

import io.lorikeet.contracts.settings.FileNames;
import io.lorikeet.trainer.files.Root;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * An entry of {@code dataset}: {@code path}, or {@code path#N} for N of its rows.
 *
 * @param path as written, relative or absolute
 * @param count how many rows to take; empty takes each row once
 */
record DatasetRef(String path, OptionalInt count) {
    private static final Pattern SAMPLED = Pattern.compile("(.*)#([^#/\\\\]*)");

    static DatasetRef parse(String text) {
        var sampled = SAMPLED.matcher(text);
        if (!sampled.matches()) {
            if (text.isBlank()) {
                throw new DatasetException(
                        "dataset holds an empty entry; each entry is a file, or file#N for N rows of it");
            }
            return new DatasetRef(text, OptionalInt.empty());
        }
        int count;
        try {
            count = Integer.parseInt(sampled.group(2));
        } catch (NumberFormatException e) {
            count = 0;
        }
        if (count < 1 || count > FileNames.MOST_SAMPLED || sampled.group(1).isBlank()) {
            throw new DatasetException(
                    "dataset '%s': after # comes how many rows to take, a whole number from 1 to %d, as in file.json#500"
                            .formatted(Root.shown(text), FileNames.MOST_SAMPLED));
        }
        return new DatasetRef(sampled.group(1), OptionalInt.of(count));
    }
}
