package io.lorikeet.gateway.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.http.JsonBody;
import java.util.Set;

/** What is to be served from now on. */
public record Promotion(
        @Setting(doc = "The version to serve.", required = true, pattern = CheckpointEvent.VERSION)
        String version,

        @Setting(doc = "Whether it is served even if its job did not promote it.", defaultValue = "false")
        boolean force) {
    private static final String SUBJECT = "promotion";
    private static final RecordShape<Promotion> SHAPE = RecordShape.of(Promotion.class);

    static Promotion read(byte[] body) {
        var object = JsonBody.object(body, SUBJECT, "{\"version\": \"…\"}");
        return new RecordReader(SUBJECT).read(SHAPE, object, Set.of());
    }
}
