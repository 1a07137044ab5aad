package io.lorikeet.messaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import java.util.Base64;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Of all that anybody may write, a reader makes a message that can be written and read again, or says why it is none. */
class RandomValuesTest {
    private static final int VALUES = 10_000;

    private record Topic(Class<?> type, Function<byte[], Object> reader) {
        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    static Stream<Topic> topics() {
        return Stream.of(
                new Topic(TrainingCommand.class, TrainingCommand::parse),
                new Topic(TrainingEvent.class, value -> Json.read(value, TrainingEvent.class)),
                new Topic(CheckpointEvent.class, RandomValuesTest::checkpoint));
    }

    private static Object checkpoint(byte[] value) {
        return switch (CheckpointRecord.read(new ConsumerRecord<>("t", 0, 0, "a".getBytes(UTF_8), value))) {
            case CheckpointRecord.Serve(var event) -> event;
            case CheckpointRecord.Retire _ -> throw new AssertionError("a value is no tombstone");
        };
    }

    @ParameterizedTest
    @MethodSource("topics")
    void aReaderMakesAMessageOfThemOrSaysWhyNot(Topic topic) {
        int messages = 0;
        for (long seed = 0; seed < VALUES; seed++) {
            var value = new RandomValues(seed).next();
            try {
                var message = topic.reader().apply(value);
                messages++;
                assertThat((Object) Json.read(Json.write(message), topic.type()))
                        .as("seed %d", seed)
                        .isEqualTo(message);
            } catch (ContractException e) {
                assertThat(e.getMessage().length())
                        .as("seed %d: %s", seed, e.getMessage())
                        .isLessThan(4_000);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError(
                        "seed " + seed + ": " + Base64.getEncoder().encodeToString(value), e);
            }
        }
        assertThat(messages).as("some are right, or this would prove little").isGreaterThan(20);
    }
}
