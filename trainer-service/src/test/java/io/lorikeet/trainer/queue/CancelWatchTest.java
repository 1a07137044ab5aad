package io.lorikeet.trainer.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CancelWatchTest {
    @Test
    void remembersTheNewestCancelsAlone() {
        var cancels = CancelWatch.<Integer>newest(3);
        for (int i = 0; i < 10; i++) {
            cancels.put("job-" + i, i);
            cancels.put("job-0", i);
        }

        assertThat(cancels).hasSize(3).containsEntry("job-0", 9).containsKeys("job-8", "job-9");
    }
}
