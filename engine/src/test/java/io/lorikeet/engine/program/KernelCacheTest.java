package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
    private final AtomicInteger compiled = new AtomicInteger();

    private byte[] compile() {
        return new byte[] {(byte) compiled.incrementAndGet()};
    }

    @Test
    void compilesOnceWhatIsMadeOfTheSameParts(@TempDir Path folder) {
        List<String> parts = List.of("source", "sm_90", "13.0");
        assertThat(new KernelCache(folder).get(parts, this::compile)).containsExactly(1);
        assertThat(new KernelCache(folder).get(parts, this::compile)).containsExactly(1);
    }

    @Test
    void compilesAnewIfAnyPartIsAnother(@TempDir Path folder) {
        var cache = new KernelCache(folder);
        cache.get(List.of("source", "sm_90", "13.0"), this::compile);
        assertThat(cache.get(List.of("source", "sm_89", "13.0"), this::compile)).containsExactly(2);
        assertThat(cache.get(List.of("source", "sm_9", "013.0"), this::compile)).containsExactly(3);
    }

    @Test
    void compilesEachTimeIfItsFolderCannotBeMade(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        var cache = new KernelCache(file.resolve("kernels"));
        assertThat(cache.get(List.of("source"), this::compile)).containsExactly(1);
        assertThat(cache.get(List.of("source"), this::compile)).containsExactly(2);
    }

    @Test
    void liesInTheUsersCacheFolder() {
        assertThat(KernelCache.ofUser(Map.of("XDG_CACHE_HOME", "/caches")).folder())
                .isEqualTo(Path.of("/caches/lorikeet/kernels"));
        assertThat(KernelCache.ofUser(Map.of()).folder())
                .isEqualTo(Path.of(System.getProperty("user.home"), ".cache/lorikeet/kernels"));
    }
}
