package io.lorikeet.benchmarks.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lorikeet.benchmarks.report.Figure;
import io.lorikeet.benchmarks.report.Goal;
import io.lorikeet.benchmarks.report.Results;
import io.lorikeet.engine.model.Quantization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerFiguresTest {
    @Test
    void eachOfOurFiguresStandsBesideThePeers(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("peer.jsonl"), """
                == int8, 2 threads
                {"model":"m","rows":[{"streams":1,"adapter":0,"tokensPerSecond":40},{"prompt":512,"adapter":0,"tokensPerSecond":200}],"residentMiB":752,"peakMiB":850}
                {"model":"m","rows":[{"streams":1,"adapter":1,"tokensPerSecond":30},{"streams":8,"adapter":1,"tokensPerSecond":40}],"residentMiB":760}
                """);
        var results = new Results("decode")
                .row("1 streams, base", Figure.of("decode", 36, "tokens/s"))
                .row("8 streams, 8 adapters", Figure.of("decode", 120, "tokens/s"))
                .row("prompt of 512, base", Figure.of("prefill", 300, "tokens/s"))
                .row("process", Figure.memory("resident", 376L << 20), Figure.memory("peak", 752L << 20));

        PeerFigures.read(file).compare(results, Quantization.INT8, 512);

        assertThat(results.goals())
                .extracting(goal -> goal.figure().name(), goal -> goal.figure().value(), Goal::bound, Goal::met)
                .containsExactly(
                        tuple("1 streams, base ÷ the peer's", 0.9, 0.8, true),
                        tuple("8 streams, 8 adapters ÷ the peer's", 3.0, 2.5, true),
                        tuple("prompt of 512, base ÷ the peer's", 1.5, 1.3, true),
                        tuple("resident memory ÷ the peer's", 0.5, 1.0, true),
                        tuple("peak ÷ resident memory", 2.0, 1.3, false));
    }
}
