package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.http.JsonBody;
import java.util.Set;

/** Another share for a canary. */
public record ShareRequest(
        @Setting(doc = "Share of the requests from now on.", required = true, min = 0, aboveMin = true, max = 1)
        double share) {
    private static final String SUBJECT = "share";
    private static final RecordShape<ShareRequest> SHAPE = RecordShape.of(ShareRequest.class);

    static ShareRequest read(byte[] body) {
        var object = JsonBody.object(body, SUBJECT, "{\"share\": 0.5}");
        return new RecordReader(SUBJECT).read(SHAPE, object, Set.of());
    }
}
