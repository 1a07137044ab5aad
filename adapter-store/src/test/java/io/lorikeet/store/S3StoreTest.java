package io.lorikeet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.store.StoreException.Kind;
import io.lorikeet.store.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Against a real S3 server; what trainers have and what replicas have are two folders. */
class S3StoreTest {
    private static final int PART = 5 << 20;
    private static final String TENSORS = "adapter_model.safetensors";
    private static final long CACHE = 1L << 30;

    @TempDir
    static Path servers;

    @TempDir
    Path temp;

    private static S3Server server;
    private static CuttingRelay relay;

    private String job;
    private Path trainers;
    private Path replicas;

    @BeforeAll
    static void startServer() throws Exception {
        server = S3Server.start(Path.of(""), servers);
        server.createBucket("adapters");
        relay = new CuttingRelay(server.port());
    }

    @AfterAll
    static void stopServer() throws Exception {
        relay.close();
        server.close();
    }

    @BeforeEach
    void makeFolders(TestInfo test) {
        job = "job-" + test.getDisplayName().replaceAll("[^A-Za-z0-9]", "");
        trainers = temp.resolve("trainers");
        replicas = temp.resolve("replicas");
        relay.cut(0, Long.MAX_VALUE, true);
    }

    @Test
    void whatATrainerKeepsAReplicaFetches() throws IOException {
        var local = checkpoint(1000, 7);

        var kept = store(trainers).keep(local, () -> {});

        assertThat(kept).isEqualTo(local.withUri(URI.create("s3://adapters/team/a/" + job + "/v0/checkpoint-4")));
        assertFetches(store(replicas), kept, local);
        assertThat(Json.read(object("team/a/" + job + "/v0/checkpoint-4/checkpoint.json"), CheckpointEvent.class))
                .as("the last object is the event")
                .isEqualTo(kept);
    }

    @Test
    void knowsWhetherAllOfACheckpointIsStillThere() throws IOException {
        var local = checkpoint(1000, 6);
        var kept = store(trainers).keep(local, () -> {});

        assertThat(store(trainers).holds(kept)).isTrue();
        assertThat(new FolderStore(trainers).holds(local)).isTrue();
        assertThat(store(trainers).holds(local)).as("it is kept elsewhere").isFalse();

        client(server.endpoint(), S3Server.SECRET_KEY)
                .deleteObject(request -> request.bucket("adapters").key(keyOf(TENSORS)));
        Files.delete(Path.of(local.uri()).resolve(TENSORS));
        assertThat(store(trainers).holds(kept)).isFalse();
        assertThat(new FolderStore(trainers).holds(local)).isFalse();
    }

    @Test
    void aDeletedCheckpointIsGoneAndDeletingItAgainIsFine() throws IOException {
        var local = checkpoint(1000, 5);
        var kept = store(trainers).keep(local, () -> {});

        for (int i = 0; i < 2; i++) {
            store(trainers).delete(kept);
            new FolderStore(trainers).delete(local);
        }

        for (var name : List.of("checkpoint.json", TENSORS, "adapter_config.json")) {
            assertThat(exists(keyOf(name))).as(name).isFalse();
        }
        assertThat(Path.of(local.uri())).doesNotExist();
        assertThat(store(trainers).holds(kept)).isFalse();
        assertKind(Kind.OUTSIDE, () -> store(trainers).delete(local));
    }

    /** A trainer that dies in the middle leaves the files, never the word that they are whole. */
    @Test
    void aCheckpointOfWhichADeletionHasBegunIsNoWholeOne() throws IOException {
        var kept = store(trainers).keep(checkpoint(1000, 4), () -> {});
        client(server.endpoint(), S3Server.SECRET_KEY)
                .deleteObject(request -> request.bucket("adapters").key(keyOf("checkpoint.json")));

        assertThat(exists(keyOf(TENSORS))).isTrue();
        assertThat(store(trainers).holds(kept)).isFalse();
        store(trainers).delete(kept);
        assertThat(exists(keyOf(TENSORS))).isFalse();
    }

    @Test
    void aLargeFileGoesInParts() throws IOException {
        var local = checkpoint(2 * PART + 17, 8);

        var kept = store(trainers).keep(local, () -> {});

        assertThat(client(server.endpoint(), S3Server.SECRET_KEY)
                        .headObject(request -> request.bucket("adapters").key(keyOf(TENSORS)))
                        .eTag())
                .as("the tag of an object made of parts")
                .contains("-");
        assertFetches(store(replicas), kept, local);
    }

    @Test
    void anInterruptedUploadGoesOnWithThePartsThatAreMissing() throws IOException {
        var local = checkpoint(3 * PART, 9);
        relay.sentByClients();
        relay.cut(Integer.MAX_VALUE, PART + PART / 2, false);
        var store = store(relay.endpoint(), trainers);
        assertKind(Kind.AWAY, () -> store.keep(local, () -> {}));
        assertThat(exists(keyOf(TENSORS)))
                .as("nothing half written is to be seen")
                .isFalse();
        assertThat(exists(keyOf("checkpoint.json"))).isFalse();
        relay.cut(0, Long.MAX_VALUE, false);
        relay.sentByClients();

        var kept = store.keep(local, () -> {});

        assertThat(relay.sentByClients()).as("bytes of the second try").isLessThan(2L * PART + PART / 2);
        assertFetches(store(replicas), kept, local);
    }

    @Test
    void keepingTheSameAgainSendsNothingAgain() throws IOException {
        var local = checkpoint(PART / 2, 10);
        store(trainers).keep(local, () -> {});
        relay.sentByClients();

        store(relay.endpoint(), trainers).keep(local, () -> {});

        assertThat(relay.sentByClients()).isLessThan(20_000);
    }

    @Test
    void neverChangesACheckpoint() throws IOException {
        store(trainers).keep(checkpoint(1000, 11), () -> {});

        var other = checkpoint(1000, 12);

        assertKind(Kind.CHECKSUM_MISMATCH, () -> store(trainers).keep(other, () -> {}))
                .hasMessageContaining("a checkpoint never changes");
    }

    @Test
    void aLostConnectionGoesOnWithTheBytesThatAreMissing() throws IOException {
        var local = checkpoint(4 << 20, 13);
        var kept = store(trainers).keep(local, () -> {});
        relay.cut(2, 1 << 20, true);
        relay.sentByServer();

        assertFetches(store(relay.endpoint(), replicas), kept, local);

        assertThat(relay.sentByServer())
                .as("bytes sent, though it was cut twice")
                .isLessThan((4 << 20) + (1 << 20));
    }

    @Test
    void aLaterTryGoesOnToo() throws Exception {
        var local = checkpoint(4 << 20, 14);
        var kept = store(trainers).keep(local, () -> {});
        var part = replicas.resolve(".fetched/" + sha256(local, TENSORS) + ".part");
        Files.createDirectories(part.getParent());
        Files.write(part, Arrays.copyOf(Files.readAllBytes(Path.of(local.uri()).resolve(TENSORS)), 3 << 20));
        relay.sentByServer();

        assertFetches(store(relay.endpoint(), replicas), kept, local);

        assertThat(relay.sentByServer()).isLessThan((1 << 20) + 50_000);
    }

    @Test
    void refusesOtherBytesOfTheSameLengthAndKeepsNothingOfThem() throws IOException {
        var kept = store(trainers).keep(checkpoint(1000, 15), () -> {});
        var store = store(replicas);
        var expected = new CheckpointFile(TENSORS, "0".repeat(64), 1000);

        assertKind(Kind.CHECKSUM_MISMATCH, () -> store.fetch(kept, expected)).hasMessageContaining("0000");

        assertThat(replicas.resolve(".fetched")).isEmptyDirectory();
    }

    @Test
    void refusesAnObjectOfAnotherSizeWithoutFetchingIt() throws IOException {
        var kept = store(trainers).keep(checkpoint(2 << 20, 16), () -> {});
        relay.sentByServer();

        assertKind(Kind.SIZE_MISMATCH, () -> store(relay.endpoint(), replicas)
                        .fetch(kept, new CheckpointFile(TENSORS, "0".repeat(64), 1000)))
                .hasMessageContaining("2097152");
    }

    @Test
    void fetchesAgainWhatTheDiskHasChanged() throws IOException {
        var local = checkpoint(1000, 17);
        var kept = store(trainers).keep(local, () -> {});
        var file = store(replicas).fetch(kept, local.files().getLast());
        Files.write(file, new byte[1000]);

        assertFetches(store(replicas), kept, local);
    }

    @Test
    void needsTheStoreNoMoreForWhatIsHere() throws IOException {
        var local = checkpoint(1000, 18);
        var kept = store(trainers).keep(local, () -> {});
        assertFetches(store(replicas), kept, local);

        assertFetches(store(URI.create("http://127.0.0.1:9"), replicas), kept, local);
    }

    @Test
    void forgetsWhatWasNotUsedForLongestWhenItIsFull() throws Exception {
        var local = checkpoint(1000, 19);
        var kept = store(trainers).keep(local, () -> {});
        var small = new S3Store(
                client(server.endpoint(), S3Server.SECRET_KEY), S3Location.parse("s3://adapters/team"), replicas, 1005);

        small.fetch(kept, local.files().getFirst());
        var second = small.fetch(kept, local.files().getLast());

        assertThat(replicas.resolve(".fetched")).isDirectoryContaining(second::equals);
        try (var files = Files.list(replicas.resolve(".fetched"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void saysThatAnObjectIsNotThere() {
        var event = event(URI.create("s3://adapters/team/a/none/v0/checkpoint-4"), List.of());

        assertKind(Kind.MISSING, () -> store(replicas).fetch(event, new CheckpointFile(TENSORS, "0".repeat(64), 1)))
                .hasMessageContaining("s3://adapters/team/a/none/v0/checkpoint-4/" + TENSORS);
    }

    @Test
    void saysThatTheBucketIsNotThere() throws IOException {
        var local = checkpoint(1000, 20);
        var store = new S3Store(
                client(server.endpoint(), S3Server.SECRET_KEY), S3Location.parse("s3://no-such"), trainers, CACHE);
        var event = event(URI.create("s3://no-such/a/1"), List.of());

        assertKind(Kind.DENIED, () -> store.fetch(event, local.files().getFirst()))
                .hasMessageContaining("no such bucket");
        assertKind(Kind.DENIED, () -> store.keep(local, () -> {}));
    }

    @Test
    void saysThatItIsNotLetInAndNeverTheSecret() throws IOException {
        var local = checkpoint(1000, 21);
        var store = new S3Store(
                client(server.endpoint(), "wrong-secret-of-mine"),
                S3Location.parse("s3://adapters/team"),
                trainers,
                CACHE);

        assertKind(
                        Kind.DENIED,
                        () -> store.fetch(
                                local.withUri(URI.create("s3://adapters/team/a/1")),
                                local.files().getFirst()))
                .hasMessageContaining("403")
                .hasMessageNotContaining("wrong-secret-of-mine");
        assertKind(Kind.DENIED, () -> store.keep(local, () -> {})).hasMessageNotContaining("wrong-secret-of-mine");
    }

    @Test
    void saysThatTheStoreIsAway() {
        var event = event(URI.create("s3://adapters/team/a/1"), List.of());

        assertKind(Kind.AWAY, () -> store(URI.create("http://127.0.0.1:9"), replicas)
                .fetch(event, new CheckpointFile(TENSORS, "0".repeat(64), 1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://other/team/a/1",
                "s3://adapters/else/a/1",
                "s3://adapters/team",
                "s3://adapters/teamwork/a/1",
                "s3://adapters/team/../else/1",
                "s3://adapters/team/%2e%2e/else/1",
                "s3://adapters/team//a",
                "s3://adapters/team/a/1?versionId=2",
                "file:/etc",
                "http://adapters/team/a/1"
            })
    void refusesWhatIsNotInIt(String uri) {
        var event = event(URI.create(uri), List.of());

        assertKind(Kind.OUTSIDE, () -> store(replicas).fetch(event, new CheckpointFile(TENSORS, "0".repeat(64), 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "a/b", ".part"})
    void refusesFileNamesThatAreNone(String name) {
        var event = event(URI.create("s3://adapters/team/a/1"), List.of());

        assertKind(Kind.OUTSIDE, () -> store(replicas).fetch(event, new CheckpointFile(name, "0".repeat(64), 1)));
    }

    @Test
    void aFolderNeedsNoClient() {
        var store = AdapterStore.open("file:", trainers, CACHE, () -> {
            throw new AssertionError("a client was made");
        });

        assertThat(store).isInstanceOf(FolderStore.class);
        assertThatThrownBy(() -> AdapterStore.open("ftp://x", trainers, CACHE, () -> null))
                .hasMessageContaining("ftp://x")
                .hasMessageContaining("s3://BUCKET/PREFIX");
        assertThatThrownBy(() -> AdapterStore.open("s3:///x", trainers, CACHE, () -> null))
                .hasMessageContaining("s3:///x");
    }

    private S3Store store(Path root) {
        return store(server.endpoint(), root);
    }

    private static S3Store store(URI endpoint, Path root) {
        return new S3Store(
                client(endpoint, S3Server.SECRET_KEY), S3Location.parse("s3://adapters/team"), root, CACHE, PART);
    }

    private static S3Client client(URI endpoint, String secret) {
        return S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.ACCESS_KEY, secret)))
                .build();
    }

    private static byte[] object(String key) {
        return client(server.endpoint(), S3Server.SECRET_KEY)
                .getObjectAsBytes(request -> request.bucket("adapters").key(key))
                .asByteArray();
    }

    private static boolean exists(String key) {
        return client(server.endpoint(), S3Server.SECRET_KEY)
                .listObjectsV2(request -> request.bucket("adapters").prefix(key))
                .contents()
                .stream()
                .anyMatch(object -> object.key().equals(key));
    }

    private String keyOf(String name) {
        return "team/a/" + job + "/v0/checkpoint-4/" + name;
    }

    private CheckpointEvent checkpoint(int bytes, long seed) throws IOException {
        var folder = Files.createDirectories(trainers.resolve("a/" + job + "/v0/checkpoint-4"));
        var tensors = new byte[bytes];
        new Random(seed).nextBytes(tensors);
        Files.writeString(folder.resolve("adapter_config.json"), "{\"r\": " + seed + "}");
        Files.write(folder.resolve(TENSORS), tensors);
        return event(
                folder.toUri(), List.of(file(folder.resolve("adapter_config.json")), file(folder.resolve(TENSORS))));
    }

    private static CheckpointFile file(Path path) throws IOException {
        return new CheckpointFile(path.getFileName().toString(), Digests.sha256(path), Files.size(path));
    }

    private static String sha256(CheckpointEvent event, String name) {
        return event.files().stream()
                .filter(file -> file.name().equals(name))
                .findFirst()
                .orElseThrow()
                .sha256();
    }

    private CheckpointEvent event(URI uri, List<CheckpointFile> files) {
        return new CheckpointEvent(
                "a",
                job + "@4",
                uri,
                files,
                new BaseModel("base", "sha256:0"),
                8,
                32,
                false,
                false,
                List.of("q_proj"),
                null,
                List.of(),
                null,
                Instant.parse("2026-01-02T03:04:05Z"));
    }

    private static void assertFetches(AdapterStore store, CheckpointEvent kept, CheckpointEvent local)
            throws IOException {
        for (var file : kept.files()) {
            assertThat(store.fetch(kept, file))
                    .hasSameBinaryContentAs(Path.of(local.uri()).resolve(file.name()));
        }
    }

    private static AbstractThrowableAssert<?, StoreException> assertKind(Kind kind, ThrowingCallable call) {
        var thrown = catchThrowableOfType(StoreException.class, call);
        assertThat(thrown).isNotNull();
        assertThat(thrown.kind()).as(thrown.getMessage()).isEqualTo(kind);
        return assertThat(thrown);
    }
}
