package io.lorikeet.trainer.dataset;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The setting {@code columns}: what keys of the rows are to be called, or that they are to be left out. */
final class Columns {
    private final Map<String, String> names = new TreeMap<>();
    private final Set<String> seen = new HashSet<>();

    /**
     * @param names a key of the rows, in any case, and the name it stands for; an empty name leaves the key out
     * @throws DatasetException if something else than a name of {@link RowForms} is to be made of a key
     */
    Columns(Map<String, String> names) {
        names.forEach((key, name) -> {
            if (!name.isEmpty() && !RowForms.NAMES.contains(name)) {
                throw new DatasetException("columns: '%s' is to be '%s', and no key of a row has that name; one of %s"
                        .formatted(key, name, String.join(", ", RowForms.NAMES)));
            }
            if (this.names.put(Fields.normal(key), name) != null) {
                throw new DatasetException("columns: '%s' is named twice, in another case".formatted(key));
            }
        });
    }

    /** The name that a key stands for; its own if the setting does not mention it; empty if it is left out. */
    Optional<String> name(String key) {
        String name = names.isEmpty() ? null : names.get(key);
        if (name == null) {
            return Optional.of(key);
        }
        seen.add(key);
        return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }

    /** A line for each key of the setting that no row has. */
    List<String> unused() {
        return names.keySet().stream()
                .filter(key -> !seen.contains(key))
                .map(key -> "columns: no row has the key '%s'".formatted(key))
                .toList();
    }
}
