package io.lorikeet.contracts.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.ContractException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFileTest {
    @TempDir
    Path folder;

    @Test
    void holdsKeysWithoutThemselves() throws Exception {
        var file = folder.resolve("new/keys.json");
        var one = issue("one", Set.of());
        var other = issue("other", Set.of("assistant"));
        KeyFile.write(file, List.of(one.key(), other.key()));

        assertThat(KeyFile.read(file)).containsExactly(one.key(), other.key());
        var secret = one.secret().substring(one.secret().lastIndexOf(one.key().id()) + 13);
        assertThat(Files.readString(file)).contains(one.key().id()).doesNotContain(secret);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(file.getParent().toFile().list()).containsExactly("keys.json");
    }

    @Test
    void tellsAKeyFromEveryOther() {
        var one = issue("one", Set.of());
        var other = issue("one", Set.of());

        assertThat(ApiKey.id(one.secret())).contains(one.key().id());
        assertThat(one.key().is(one.secret())).isTrue();
        assertThat(one.key().is(other.secret())).isFalse();
        assertThat(one.key().is(one.secret() + "x")).isFalse();
        assertThat(one.secret()).isNotEqualTo(other.secret());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sk-abc", "lk_0123456789ab_short", "lk_0123456789AB_"})
    void seesThatSomethingIsNoKeyAtAll(String text) {
        assertThat(ApiKey.id(text)).isEmpty();
    }

    @Test
    void hasNoKeysWhereThereIsNoFile() throws Exception {
        assertThat(KeyFile.read(folder.resolve("none.json"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"keys\": [{\"id\": \"0123456789ab\"}]}",
                "{\"keys\": [{\"id\": \"0123456789ab\", \"name\": \"a\", \"sha256\": \"00\", \"roles\": [\"ask\"]}]}",
                "{\"keys\": [{\"id\": \"0123456789ab\", \"name\": \"a\", \"sha256\": \"HASH\", \"roles\": [\"root\"]}]}",
                "{\"keys\": [{\"id\": \"0123456789ab\", \"name\": \"a\", \"sha256\": \"HASH\", \"roles\": []}]}",
                "{\"keys\": [{\"id\": \"0123456789ab\", \"name\": \"a\\nb\", \"sha256\": \"HASH\", \"roles\": [\"ask\"]}]}"
            })
    void refusesWhatIsNoFileOfKeys(String text) throws Exception {
        var file = folder.resolve("keys.json");
        Files.writeString(file, text.replace("HASH", "ab".repeat(32)));

        assertThatThrownBy(() -> KeyFile.read(file)).isInstanceOf(ContractException.class);
    }

    private static ApiKey.Issued issue(String name, Set<String> adapters) {
        return ApiKey.issue(
                name, Set.of(Role.ASK), adapters, new Quota(5, null, null), Instant.parse("2026-01-02T03:04:05Z"));
    }
}
