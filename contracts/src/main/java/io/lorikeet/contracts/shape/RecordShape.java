package io.lorikeet.contracts.shape;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The table of a record.
 *
 * @param members in the order of the record's components
 */
public record RecordShape<R extends Record>(Class<R> type, List<Member> members) implements Member {
    /** Reads the annotations of a record and of its groups. */
    public static <R extends Record> RecordShape<R> of(Class<R> type) {
        var members = new ArrayList<Member>();
        for (var component : type.getRecordComponents()) {
            if (component.isAnnotationPresent(Setting.class)) {
                members.add(Field.of(component));
            } else if (component.getType().isRecord()) {
                members.add(of(component.getType().asSubclass(Record.class)));
            } else {
                throw new IllegalStateException(type.getName() + "." + component.getName() + " has no @Setting");
            }
        }
        return new RecordShape<>(type, List.copyOf(members));
    }

    /** Every field, those of the groups too. */
    public List<Field> fields() {
        return members.stream()
                .flatMap(member -> switch (member) {
                    case Field field -> Stream.of(field);
                    case RecordShape<?> group -> group.fields().stream();
                })
                .toList();
    }

    /** Makes the record; what its constructor throws comes out as it is. */
    R create(List<Object> values) {
        try {
            var types = Arrays.stream(type.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<R> constructor = type.getDeclaredConstructor(types);
            open(constructor);
            return constructor.newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The values of a record, in the order of {@link #members}. */
    List<Object> values(Object instance) {
        var values = new ArrayList<Object>();
        for (var component : type.getRecordComponents()) {
            try {
                var accessor = component.getAccessor();
                open(accessor);
                values.add(accessor.invoke(instance));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return values;
    }

    private static void open(AccessibleObject member) {
        member.setAccessible(true);
    }
}
