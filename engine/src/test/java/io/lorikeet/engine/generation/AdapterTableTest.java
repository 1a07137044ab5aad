package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.Qwen2Config;
import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdapterTableTest {
    private static final PeftAdapter ADAPTER = PeftAdapter.read(
            Golden.folder("qwen2-tiny").resolve("adapter-trained"),
            Qwen2Config.read(Golden.model("qwen2-tiny").resolve("config.json")));

    private final AdapterTable table = new AdapterTable(2);

    @Test
    void aRequestKeepsItsVersionUntilItEnds() {
        table.flip(reserve("a", "1"));
        ResidentAdapter held = table.acquire("a");
        table.flip(reserve("a", "2"));
        assertThat(held.version().version()).isEqualTo("1");
        assertThat(table.acquire("a").version().version()).isEqualTo("2");
        assertThat(table.statuses())
                .extracting(AdapterStatus::version, AdapterStatus::state, AdapterStatus::running)
                .containsExactly(tuple("1", State.DRAINING, 1), tuple("2", State.SERVING, 1));
        table.release(held);
        assertThat(table.statuses()).extracting(AdapterStatus::version).containsExactly("2");
    }

    @Test
    void aVersionThatNobodyHoldsGivesItsSlotBackAtOnce() {
        table.flip(reserve("a", "1"));
        table.flip(reserve("a", "2"));
        assertThat(table.statuses()).extracting(AdapterStatus::version).containsExactly("2");
        table.retire("a");
        assertThat(table.statuses()).isEmpty();
    }

    @Test
    void aVersionInLoadingIsNotServed() {
        table.flip(reserve("a", "1"));
        ResidentAdapter loading = reserve("a", "2");
        assertThat(table.acquire("a").version().version()).isEqualTo("1");
        table.abandon(loading);
        assertThat(table.statuses()).extracting(AdapterStatus::version).containsExactly("1");
    }

    @Test
    void refusesWhatHasNoRoomAndSaysWhoTakesIt() {
        table.flip(reserve("a", "1"));
        table.flip(reserve("b", "1"));
        assertThatThrownBy(() -> reserve("c", "1"))
                .isInstanceOf(AdapterException.class)
                .hasMessageContaining("a@1")
                .hasMessageContaining("b@1");
    }

    @Test
    void anUnknownAdapterIsRefusedWithTheKnownOnes() {
        table.flip(reserve("a", "1"));
        assertThatThrownBy(() -> table.acquire("b"))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("'b'")
                .hasMessageContaining("[a]");
    }

    private ResidentAdapter reserve(String name, String version) {
        return table.reserve(new AdapterVersion(name, version), ADAPTER, Optional.empty());
    }
}
