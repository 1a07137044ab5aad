package io.lorikeet.gateway.access;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.keys.ApiKey;
import io.lorikeet.contracts.keys.KeyFile;
import io.lorikeet.gateway.GatewayConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The keys of the file as it is now. One that cannot be read changes nothing: who was let in is, and nobody else. */
@ApplicationScoped
public class Keys {
    private static final Logger LOG = Logger.getLogger(Keys.class);
    private static final long LOOK_AGAIN = Duration.ofSeconds(1).toNanos();

    private final Optional<Path> file;
    private Map<String, ApiKey> byId = Map.of();
    private Stamp seen = Stamp.NONE;
    private long looked;

    /** By what a changed file is told from the same one. */
    private record Stamp(FileTime modified, long size, Object key) {
        static final Stamp NONE = new Stamp(FileTime.fromMillis(0), -1, null);

        static Stamp of(Path file) throws IOException {
            // through links, as a mounted secret's are, which are what changes
            var real = file.toRealPath();
            return new Stamp(Files.getLastModifiedTime(real), Files.size(real), real);
        }
    }

    Keys(GatewayConfig config) {
        file = config.access().keysFile();
        looked = System.nanoTime() - LOOK_AGAIN;
    }

    /** Whether keys are asked for. */
    boolean required() {
        return file.isPresent();
    }

    /** Whether this file can be read. */
    synchronized void require() throws IOException {
        load(file.orElseThrow());
    }

    /** Whose key that is. */
    Optional<Caller> find(String secret) {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        var keys = current();
        return ApiKey.id(secret).map(keys::get).filter(key -> key.is(secret)).map(Caller::of);
    }

    private synchronized Map<String, ApiKey> current() {
        if (System.nanoTime() - looked >= LOOK_AGAIN) {
            looked = System.nanoTime();
            try {
                load(file.orElseThrow());
            } catch (IOException | ContractException e) {
                LOG.errorf("the keys of %s stay as they were, as it cannot be read: %s", file.get(), e);
            }
        }
        return byId;
    }

    private void load(Path from) throws IOException {
        var now = Stamp.of(from);
        if (now.equals(seen)) {
            return;
        }
        List<ApiKey> keys = KeyFile.read(from);
        byId = keys.stream().collect(Collectors.toUnmodifiableMap(ApiKey::id, Function.identity()));
        seen = now;
        LOG.infof("%d API keys in %s", keys.size(), from);
    }
}
