package io.lorikeet.contracts;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/** Makes commands readable and writable like every other message. */
final class CommandModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    CommandModule() {
        super("lorikeet-commands");
        addSerializer(TrainingCommand.class, new Writer());
        addDeserializer(TrainingCommand.class, new Reader());
    }

    private static final class Writer extends StdSerializer<TrainingCommand> {
        private static final long serialVersionUID = 1L;

        Writer() {
            super(TrainingCommand.class);
        }

        @Override
        public void serialize(TrainingCommand command, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            json.writeTree(TrainingCommands.write(command));
        }
    }

    private static final class Reader extends StdDeserializer<TrainingCommand> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(TrainingCommand.class);
        }

        @Override
        public TrainingCommand deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return TrainingCommands.read(json.<JsonNode>readValueAsTree());
        }
    }
}
