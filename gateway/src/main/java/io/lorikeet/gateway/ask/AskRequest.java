package io.lorikeet.gateway.ask;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import io.lorikeet.contracts.shape.Setting;
import io.lorikeet.http.JsonBody;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A question.
 *
 * @param adapter null: the configured default adapter, else the base model
 * @param version null: the one that the adapter's name points at
 * @param user null: nobody in particular
 * @param system null: what the adapter was trained with, else the model's own default
 */
public record AskRequest(
        @Setting(doc = "What is asked.", required = true) @Schema(required = true, examples = "你是谁?")
        String question,

        @Setting(
                doc = "Who is to answer; also `NAME@VERSION`.",
                whenAbsent = "the configured default adapter, else the base model",
                pattern = AdapterAddress.PATTERN)
        String adapter,

        @Setting(
                doc = "Which version of it, promoted or not.",
                whenAbsent = "the one that is served under its name",
                pattern = CheckpointEvent.VERSION)
        String version,

        @Setting(doc = "System prompt.", whenAbsent = "the one that the adapter was trained with")
        String system,

        @Setting(doc = "Longest answer in tokens.", defaultValue = "512", min = 1)
        @Schema(name = "max_new_tokens", defaultValue = "512", minimum = "1")
        int maxNewTokens,

        @Setting(doc = "0 always takes the likeliest token.", defaultValue = "0", min = 0, max = 2)
        @Schema(defaultValue = "0", minimum = "0", maximum = "2")
        double temperature,

        @Setting(
                doc =
                        "On whose behalf it is asked: the same one gets the same version of an adapter while another is tried.",
                whenAbsent = "whoever has the API key")
        String user,

        @Setting(doc = "Whether the answer comes as server-sent events.", defaultValue = "false")
        @Schema(defaultValue = "false")
        boolean stream) {
    private static final String SUBJECT = "question";
    private static final RecordShape<AskRequest> SHAPE = RecordShape.of(AskRequest.class);

    public AskRequest {
        if (version != null && adapter == null) {
            throw broken("is of no adapter", "the adapter's name beside it");
        }
        if (version != null && AdapterAddress.of(adapter).version().isPresent()) {
            throw broken("is named twice", "the adapter's name alone beside it");
        }
    }

    private static ContractException broken(String problem, String expected) {
        return new ContractException(SUBJECT, new Problem("version", problem, expected));
    }

    /** Who is to answer, as completions say it; empty: who answers by default. */
    Optional<String> model() {
        return Optional.ofNullable(adapter)
                .map(name -> version == null ? name : new AdapterAddress(name, Optional.of(version)).text());
    }

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
