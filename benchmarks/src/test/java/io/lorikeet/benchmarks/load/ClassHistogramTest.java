package io.lorikeet.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.cli.CliException;
import org.junit.jupiter.api.Test;

class ClassHistogramTest {
    private static final int MIB = 1 << 20;

    @Test
    void countsWhatIsAlive() {
        long pid = ProcessHandle.current().pid();
        byte[] kept = new byte[32 * MIB];

        long with = ClassHistogram.of(pid).liveBytes();
        kept = new byte[kept.length / 32];
        long without = ClassHistogram.of(pid).liveBytes();

        assertThat((double) (with - without) / MIB).isBetween(30.0, 32.0);
        assertThat(kept).isNotNull();
    }

    @Test
    void doesNotCountWhatACollectorLeftOfDeadObjects() {
        var histogram = ClassHistogram.parse("""
                10354:
                 num     #instances         #bytes  class name (module)
                -------------------------------------------------------
                   1:          1129       11881496  [Ljdk.internal.vm.FillerElement; (java.base@25.0.3)
                   2:           676        5221024  [F (java.base@25.0.3)
                   3:             3             48  jdk.internal.vm.FillerObject (java.base@25.0.3)
                Total        314155       17102568
                """);

        assertThat(histogram.liveBytes()).isEqualTo(5_221_024);
    }

    @Test
    void saysSoIfThereIsNone() {
        assertThatThrownBy(() -> ClassHistogram.parse("10354:\n"))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("10354");
    }
}
