package io.lorikeet.benchmarks.soak;

import io.lorikeet.benchmarks.load.NumberedAdapters;
import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Requests and events that a service has to refuse, and go on. */
final class Trouble {
    private static final String NO_SHA256 = "0".repeat(64);

    private Trouble() {}

    /** A body and the status that it deserves. */
    record BadRequest(String body, int status) {}

    static List<BadRequest> requests(String served) {
        return List.of(
                new BadRequest("", 400),
                new BadRequest("{", 400),
                new BadRequest("[1, 2]", 400),
                new BadRequest("{\"model\": \"" + served + "\"}", 400),
                new BadRequest("{\"model\": \"" + served + "\", \"messages\": []}", 400),
                new BadRequest("{\"model\": \"" + served + "\", \"messages\": \"hello\"}", 400),
                new BadRequest(body(served, "\"temperature\": \"warm\""), 400),
                new BadRequest(body(served, "\"temperature\": 17"), 400),
                new BadRequest(body(served, "\"max_tokens\": -1"), 400),
                new BadRequest(body("nobody", "\"max_tokens\": 1"), 404));
    }

    private static String body(String model, String setting) {
        return "{\"model\": \"" + model + "\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], " + setting
                + "}";
    }

    /** Values for the checkpoint topic under the name of an adapter that is served: none may change what it says. */
    static List<String> events(NumberedAdapters adapters, String adapter, long serial) {
        CheckpointEvent good =
                adapters.event(adapter, serial, adapters.numbers().getFirst());
        return List.of(
                "this is no JSON",
                "{}",
                "{\"type\": \"checkpoint\", \"adapter\": 7}",
                text(with(good, good.uri(), withoutChecksums(good.files()), good.baseModel())),
                text(with(good, URI.create("file:///etc"), good.files(), good.baseModel())),
                text(with(good, good.uri(), good.files(), new BaseModel("another", NO_SHA256))));
    }

    private static List<CheckpointFile> withoutChecksums(List<CheckpointFile> files) {
        return files.stream()
                .map(file -> new CheckpointFile(file.name(), NO_SHA256, file.size()))
                .toList();
    }

    private static CheckpointEvent with(CheckpointEvent event, URI uri, List<CheckpointFile> files, BaseModel base) {
        return new CheckpointEvent(
                event.adapter(),
                event.version(),
                uri,
                files,
                base,
                event.r(),
                event.loraAlpha(),
                event.useRslora(),
                event.useDora(),
                event.targetModules(),
                event.system(),
                event.acceptance(),
                event.training(),
                event.time());
    }

    private static String text(CheckpointEvent event) {
        return new String(Json.write(event), StandardCharsets.UTF_8);
    }
}
