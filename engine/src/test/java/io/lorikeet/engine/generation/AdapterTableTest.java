package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdapterTableTest {
    private static final PeftAdapter ADAPTER = PeftAdapter.read(
            Golden.folder("qwen2-tiny").resolve("adapter-trained"),
            ConfigReader.read(Golden.model("qwen2-tiny").resolve("config.json")));

    private final AdapterTable table = new AdapterTable(2, 16, 3, 2);

    @Test
    void aRequestKeepsItsVersionUntilItEnds() {
        serve("a", "1");
        ServedVersion held = run("a");
        serve("a", "2");
        assertThat(held.version().version()).isEqualTo("1");
        assertThat(run("a").version().version()).isEqualTo("2");
        assertThat(table.statuses())
                .extracting(AdapterStatus::version, AdapterStatus::state, AdapterStatus::running)
                .containsExactly(tuple("1", State.DRAINING, 1), tuple("2", State.SERVING, 1));
        end(held);
        assertThat(table.statuses()).extracting(AdapterStatus::version).containsExactly("2");
    }

    @Test
    void aVersionThatNobodyHoldsGivesItsSlotBackAtOnce() {
        serve("a", "1");
        serve("a", "2");
        assertThat(table.statuses()).extracting(AdapterStatus::version).containsExactly("2");
        table.retire("a");
        assertThat(table.statuses()).isEmpty();
        assertThat(table.claimSlot(register("b", "1"))).isTrue();
        assertThat(table.claimSlot(register("c", "1"))).isTrue();
    }

    @Test
    void aVersionInLoadingIsNotServed() {
        serve("a", "1");
        ServedVersion loading = register("a", "2");
        assertThat(table.claimSlot(loading)).isTrue();
        assertThat(run("a").version().version()).isEqualTo("1");
        table.abandon(loading);
        assertThat(table.statuses()).extracting(AdapterStatus::version).containsExactly("1");
    }

    @Test
    void theLeastRecentlyUsedVersionGivesItsSlotUpAndStaysInHostMemory() {
        serve("a", "1");
        serve("b", "1");
        end(run("a"));
        serve("c", "1");
        assertThat(resident()).containsExactly("a", "c");
        assertThat(table.statuses())
                .extracting(AdapterStatus::name, AdapterStatus::state)
                .contains(tuple("b", State.SERVING));
        assertThat(table.evictions()).isEqualTo(1);

        ServedVersion back = table.acquire("b", 1);
        assertThat(table.begin(back)).as("it has to be loaded first").isFalse();
        assertThat(table.claimSlot(back)).isTrue();
        table.loaded(back);
        assertThat(table.begin(back)).isTrue();
        assertThat(resident()).containsExactly("b", "c");
    }

    @Test
    void aVersionInUseIsNeverEvictedButTakesNoNewRequestsWhileAnotherWaitsForItsSlot() {
        serve("a", "1");
        serve("b", "1");
        serve("c", "1");
        ServedVersion first = run("b");
        ServedVersion second = run("c");
        ServedVersion waits = table.acquire("a", 1);
        assertThat(table.claimSlot(waits)).isFalse();
        assertThat(resident()).containsExactly("b", "c");
        assertThat(table.begin(table.acquire("b", 1)))
                .as("least recently used, so it makes room next")
                .isFalse();
        assertThat(table.begin(table.acquire("c", 1))).isTrue();

        table.end(first);
        assertThat(table.claimSlot(waits)).isTrue();
        assertThat(resident()).containsExactly("c");
        assertThat(second.isLoaded()).isTrue();
    }

    @Test
    void aVersionThatHasComeForAWaitingRequestStaysUntilThatHasBegun() {
        serve("a", "1");
        ServedVersion inUse = run("a");
        serve("b", "1");
        serve("c", "1");
        ServedVersion first = table.acquire("c", 1);
        ServedVersion second = table.acquire("b", 1);
        assertThat(table.claimSlot(second))
                .as("c has come for a request, and a is in use")
                .isFalse();
        assertThat(resident()).containsExactly("a", "c");
        assertThat(table.begin(first)).isTrue();
        assertThat(inUse.isLeaving())
                .as("least recently used, so it makes room next")
                .isTrue();
        end(first);
        assertThat(table.claimSlot(second)).isTrue();
        assertThat(resident()).containsExactly("a");
    }

    @Test
    void aSwapWaitsForAVersionThatDrainsAndTakesNobodysSlot() {
        serve("a", "1");
        ServedVersion held = run("a");
        serve("a", "2");
        ServedVersion third = register("a", "3");
        assertThat(table.claimSlot(third)).isFalse();
        assertThat(table.begin(table.acquire("a", 1))).as("version 2 serves on").isTrue();
        end(held);
        assertThat(table.claimSlot(third)).isTrue();
    }

    @Test
    void aVersionRetiredWhileItIsLoadedKeepsItsSlotUntilItIsWhole() {
        serve("a", "1");
        ServedVersion loading = register("b", "1");
        assertThat(table.claimSlot(loading)).isTrue();
        table.flip(loading);
        table.retire("b");
        ServedVersion next = register("c", "1");
        assertThat(table.claimSlot(next))
                .as("somebody still writes to the slot")
                .isFalse();
        table.loaded(loading);
        assertThat(table.statuses()).extracting(AdapterStatus::name).containsExactly("a", "c");
        assertThat(table.claimSlot(next)).isTrue();
        assertThat(resident()).containsExactly("a");
    }

    @Test
    void whatCouldNotBeLoadedFailsWhoWaitsForIt() {
        serve("a", "1");
        serve("b", "1");
        serve("c", "1");
        ServedVersion waits = table.acquire("a", 1);
        table.abandon(waits);
        assertThatThrownBy(() -> table.begin(waits)).hasMessageContaining("a");
        table.release(waits);
        assertThat(table.statuses()).extracting(AdapterStatus::name).containsExactly("b", "c");
    }

    @Test
    void aVersionIsAskedByItsNameWhateverTheNamePointsAt() {
        serve("a", "2");
        address("a", "1");
        assertThat(run("a").version().version()).isEqualTo("2");
        ServedVersion addressed = table.acquire(new AdapterVersion("a", "1"), 1);
        assertThat(table.begin(addressed)).as("it is in host memory").isFalse();
        assertThat(table.claimSlot(addressed)).isTrue();
        table.loaded(addressed);
        assertThat(table.begin(addressed)).isTrue();
        assertThat(addressed.version().version()).isEqualTo("1");
        assertThat(table.acquire(new AdapterVersion("a", "2"), 1).state()).isEqualTo(State.SERVING);
        assertThat(table.statuses())
                .extracting(AdapterStatus::version, AdapterStatus::state)
                .containsExactly(tuple("2", State.SERVING), tuple("1", State.ADDRESSED));
    }

    @Test
    void theLeastRecentlyAskedVersionMakesRoomAndNeverOneInUse() {
        address("a", "1");
        address("a", "2");
        ServedVersion held = table.acquire(new AdapterVersion("a", "1"), 1);
        address("a", "3");
        assertThat(addressed()).containsExactly("1", "3");
        address("a", "4");
        assertThat(addressed()).containsExactly("1", "4");
        ServedVersion other = table.acquire(new AdapterVersion("a", "4"), 1);
        assertThatThrownBy(() -> address("a", "5"))
                .isInstanceOf(AdapterException.class)
                .hasMessageContaining("in use");
        table.release(other);
        table.release(held);
        address("a", "5");
        assertThat(addressed()).as("4 was asked for last").containsExactly("4", "5");
        assertThatThrownBy(() -> table.acquire(new AdapterVersion("a", "1"), 1))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("not loaded");
    }

    @Test
    void whoAskedForAVersionKeepsItWhenItIsServedUnderItsName() {
        address("a", "1");
        ServedVersion held = table.acquire(new AdapterVersion("a", "1"), 1);
        serve("a", "1");
        assertThat(table.acquire(new AdapterVersion("a", "1"), 1).state()).isEqualTo(State.SERVING);
        assertThat(held.state()).isEqualTo(State.DRAINING);
        table.release(held);
        assertThat(table.statuses()).hasSize(1);
    }

    @Test
    void versionsThatRequestsNameTakeNoNamesRoom() {
        address("d", "1");
        List.of("a", "b", "c").forEach(name -> serve(name, "1"));
        assertThatThrownBy(() -> register("e", "1")).hasMessageContaining("[a, b, c]");
    }

    private void address(String name, String version) {
        table.address(new AdapterVersion(name, version), ADAPTER, Optional.empty(), List.of());
    }

    private List<String> addressed() {
        return table.statuses().stream()
                .filter(status -> status.state() == State.ADDRESSED)
                .map(AdapterStatus::version)
                .toList();
    }

    @Test
    void refusesWhatHasNoRoomAndSaysWhoTakesIt() {
        List.of("a", "b", "c").forEach(name -> serve(name, "1"));
        assertThatThrownBy(() -> register("d", "1"))
                .isInstanceOf(AdapterException.class)
                .hasMessageContaining("[a, b, c]");
        assertThat(register("a", "2").version().version()).as("no new name").isEqualTo("2");
    }

    @Test
    void anUnknownAdapterIsRefusedWithTheKnownOnes() {
        serve("a", "1");
        assertThatThrownBy(() -> table.acquire("b", 1))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("'b'")
                .hasMessageContaining("[a]");
    }

    private List<String> resident() {
        return table.statuses().stream()
                .filter(AdapterStatus::resident)
                .map(AdapterStatus::name)
                .toList();
    }

    private void serve(String name, String version) {
        ServedVersion registered = register(name, version);
        assertThat(table.claimSlot(registered)).isTrue();
        table.loaded(registered);
        table.flip(registered);
    }

    private ServedVersion register(String name, String version) {
        return table.register(new AdapterVersion(name, version), ADAPTER, Optional.empty());
    }

    private ServedVersion run(String name) {
        ServedVersion version = table.acquire(name, 1);
        assertThat(table.begin(version)).isTrue();
        return version;
    }

    private void end(ServedVersion version) {
        table.end(version);
        table.release(version);
    }
}
