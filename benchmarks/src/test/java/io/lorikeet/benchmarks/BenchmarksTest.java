package io.lorikeet.benchmarks;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands as RESULTS.md says them. */
class BenchmarksTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpu --model DIR --part one_card --goals --device-share 0.45",
                "gpu --model DIR --part serving,training --kernels off",
                "gpu --part SERVING,SWAP,TRAINING --model DIR",
                "decode --model DIR --dtype bfloat16 --streams 1,8 --adapters 0,8 --tokens 24 --rounds 1",
                "chaos --minutes 3 --every 15",
                "packing --model models/fledgling",
            })
    void isUnderstood(String command) {
        assertThatCode(() -> Benchmarks.commandLine().parseArgs(command.split(" ")))
                .doesNotThrowAnyException();
    }
}
