package io.lorikeet.gateway.ask;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.http.JsonBody;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A question.
 *
 * @param adapter null: the configured default adapter, else the base model
 * @param system null: what the adapter was trained with, else the model's own default
 */
public record AskRequest(
        @Setting(doc = "What is asked.", required = true) @Schema(required = true, examples = "你是谁?")
        String question,

        @Setting(
                doc = "Who is to answer.",
                whenAbsent = "the configured default adapter, else the base model",
                pattern = TrainCommand.ADAPTER)
        String adapter,

        @Setting(doc = "System prompt.", whenAbsent = "the one that the adapter was trained with")
        String system,

        @Setting(doc = "Longest answer in tokens.", defaultValue = "512", min = 1)
        @Schema(name = "max_new_tokens", defaultValue = "512", minimum = "1")
        int maxNewTokens,

        @Setting(doc = "0 always takes the likeliest token.", defaultValue = "0", min = 0, max = 2)
        @Schema(defaultValue = "0", minimum = "0", maximum = "2")
        double temperature,

        @Setting(doc = "Whether the answer comes as server-sent events.", defaultValue = "false")
        @Schema(defaultValue = "false")
        boolean stream) {
    private static final String SUBJECT = "question";
    private static final RecordShape<AskRequest> SHAPE = RecordShape.of(AskRequest.class);

    /**
     * Reads a body strictly.
     *
     * @throws ContractException naming every problem
     */
    static AskRequest read(byte[] body) {
        var object = JsonBody.object(body, SUBJECT, "{\"question\": \"…\"}");
        return new RecordReader(SUBJECT).read(SHAPE, object, Set.of());
    }
}
