package io.lorikeet.contracts.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Writes what {@link RecordReader} reads. Null fields are left out. */
public final class RecordWriter {
    private RecordWriter() {}

    /** Adds the fields of a record to an object. */
    public static void write(RecordShape<?> shape, Object instance, ObjectNode json) {
        var values = shape.values(instance);
        for (int i = 0; i < values.size(); i++) {
            var value = values.get(i);
            if (value == null) {
                continue;
            }
            switch (shape.members().get(i)) {
                case Field field -> json.set(field.name(), field.type().write(value));
                case RecordShape<?> group -> write(group, value, json);
            }
        }
    }
}
