package io.lorikeet.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingEvent;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The gateway's HTTP interface, as the commands use it. What goes wrong comes as a {@link CliException}. */
public final class GatewayClient {

    private static final int NOT_FOUND = 404;

    private final GatewayHttp http;

    /** One of a gateway that asks for no key. */
    public GatewayClient(URI gateway) {
        this(gateway, Optional.empty());
    }

    /** @param key to send */
    public GatewayClient(URI gateway, Optional<String> key) {
        this.http = new GatewayHttp(gateway, key);
    }

    /** Files of adapters' versions there. */
    public VersionFiles files() {
        return new VersionFiles(http);
    }

    /** Canaries there. */
    public CanaryClient canaries() {
        return new CanaryClient(http);
    }

    /** Asks with {@code POST /ask} and returns the whole answer. */
    public Answer ask(Question question) {
        return Json.convert(http.post("/ask", question.json(false)), Answer.class);
    }

    /** Asks with {@code POST /ask}, hands on the text piece by piece, and returns the whole answer at the end. */
    public Answer ask(Question question, Consumer<String> delta) {
        HttpRequest request = http.request("/ask")
                .header("content-type", "application/json")
                .header("accept", "text/event-stream")
                .POST(BodyPublishers.ofByteArray(Json.write(question.json(true))))
                .build();
        Answer[] whole = new Answer[1];
        http.stream(request, data -> {
            JsonNode record = Json.parse(data.getBytes(StandardCharsets.UTF_8), "answer");
            if (record.has("delta")) {
                delta.accept(record.get("delta").asText());
            } else if (record.has("answer")) {
                whole[0] = Json.convert(record, Answer.class);
            } else {
                throw new CliException("The gateway broke off: " + GatewayHttp.problem(record, data));
            }
        });
        if (whole[0] == null) {
            throw new CliException("The gateway's answer broke off before its end.");
        }
        return whole[0];
    }

    /** The answer to a conversation, over {@code POST /v1/chat/completions}; hands on its text piece by piece. */
    public Answer chat(Chat chat, Consumer<String> delta) {
        HttpRequest request = http.request("/v1/chat/completions")
                .header("content-type", "application/json")
                .header("accept", "text/event-stream")
                .POST(BodyPublishers.ofByteArray(Json.write(chat.json())))
                .build();
        var text = new StringBuilder();
        JsonNode[] last = {Json.mapper().createObjectNode()};
        http.stream(request, data -> {
            JsonNode chunk = Json.parse(data.getBytes(StandardCharsets.UTF_8), "answer");
            if (chunk.has("error")) {
                throw new CliException("The gateway broke off: " + GatewayHttp.problem(chunk, data));
            }
            String piece =
                    chunk.path("choices").path(0).path("delta").path("content").asText("");
            text.append(piece);
            delta.accept(piece);
            last[0] = chunk;
        });
        JsonNode choice = last[0].path("choices").path(0);
        if (!choice.hasNonNull("finish_reason")) {
            throw new CliException("The gateway's answer broke off before its end.");
        }
        JsonNode served = last[0].path("lorikeet");
        return new Answer(
                text.toString(),
                served.path("adapter").textValue(),
                served.path("version").textValue(),
                choice.path("finish_reason").asText());
    }

    /** What a model answers over {@code POST /v1/chat/completions}: the base by its id, or an adapter by its name. */
    public String chat(String model, String question) {
        ObjectNode body = Json.mapper().createObjectNode().put("model", model).put("temperature", 0);
        body.putArray("messages").addObject().put("role", "user").put("content", question);
        JsonNode answer = http.post("/v1/chat/completions", body);
        return answer.path("choices").path(0).path("message").path("content").asText();
    }

    /** Id of the base model: adapters name it as their parent, itself has none. */
    public String baseModel() {
        return GatewayHttp.list(http.get("/v1/models"), "data").stream()
                .filter(model -> !model.hasNonNull("parent"))
                .map(model -> model.path("id").asText())
                .findFirst()
                .orElseThrow(() -> new CliException("The gateway names no base model under /v1/models."));
    }

    /** The version that answers under this name, if it is served. */
    public Optional<String> servedVersion(String adapter) {
        try {
            return Optional.ofNullable(
                    ask(new Question("hi", adapter, null, 1, null)).version());
        } catch (RefusedException e) {
            if (e.status() == NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Publishes a training command. */
    public Submitted submit(byte[] command) {
        HttpRequest request = http.request("/v1/training/jobs")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(command))
                .build();
        return Json.convert(http.tree(request), Submitted.class);
    }

    /** Hands on the events of a job from its first until its last, or until the gateway ends the stream. */
    public void events(String jobId, Consumer<TrainingEvent> consumer) {
        HttpRequest request = http.request("/v1/training/jobs/" + GatewayHttp.encode(jobId) + "/events")
                .header("accept", "text/event-stream")
                .GET()
                .build();
        http.stream(
                request,
                data -> consumer.accept(Json.read(data.getBytes(StandardCharsets.UTF_8), TrainingEvent.class)));
    }

    /** All job views that the gateway keeps, as it sends them, the newest first. */
    public List<JsonNode> jobs() {
        return http.pages("/v1/training/jobs", "jobs", "job_id");
    }

    /** Asks the trainer of this job to stop. */
    public void cancel(String jobId) {
        http.post(
                "/v1/training/jobs/" + GatewayHttp.encode(jobId) + "/cancel",
                Json.mapper().createObjectNode());
    }

    /** One adapter with its versions, served or not; refused if there is none of this name. */
    public JsonNode adapter(String name) {
        return http.get("/v1/adapters/" + GatewayHttp.encode(name));
    }

    /** The adapters with their versions, as the gateway sends them. */
    public List<JsonNode> adapters() {
        return http.pages("/v1/adapters", "adapters", "name");
    }

    /**
     * Serves an older version of an adapter again.
     *
     * @param version null: the one before the present one
     * @return the adapter as it is afterwards
     */
    public JsonNode rollback(String adapter, String version) {
        ObjectNode body = Json.mapper().createObjectNode();
        if (version != null) {
            body.put("version", version);
        }
        return http.post("/v1/adapters/" + GatewayHttp.encode(adapter) + "/rollback", body);
    }

    /** Serves a version from now on; {@code force} also one that its job did not promote. */
    public void promote(String adapter, String version, boolean force) {
        ObjectNode body = Json.mapper().createObjectNode().put("version", version);
        http.post("/v1/adapters/" + GatewayHttp.encode(adapter) + "/promote", force ? body.put("force", true) : body);
    }

    /**
     * Asks questions of one version and has the answers judged.
     *
     * @param adapter its name, or the base model's id
     * @param evaluation what {@code POST /v1/adapters/{name}/evaluate} takes
     */
    public JsonNode evaluate(String adapter, JsonNode evaluation) {
        return http.post("/v1/adapters/" + GatewayHttp.encode(adapter) + "/evaluate", evaluation);
    }

    /** Stops serving an adapter; its files stay. */
    public void retire(String adapter) {
        http.tree(http.request("/v1/adapters/" + GatewayHttp.encode(adapter))
                .DELETE()
                .build());
    }

    /**
     * A question to {@code /ask}.
     *
     * @param adapter null: the gateway's default
     * @param system null: the adapter's own, or the model's
     * @param maxNewTokens null: the gateway's default
     * @param temperature null: the gateway's default
     */
    public record Question(String question, String adapter, String system, Integer maxNewTokens, Double temperature) {

        /** A question without more. */
        public static Question of(String question) {
            return new Question(question, null, null, null, null);
        }

        /** The same to this adapter. */
        public Question to(String adapter) {
            return new Question(question, adapter, system, maxNewTokens, temperature);
        }

        private JsonNode json(boolean stream) {
            ObjectNode json = Json.mapper().valueToTree(this);
            return stream ? json.put("stream", true) : json;
        }
    }

    /**
     * An answer of {@code /ask}.
     *
     * @param adapter null if the base model answered
     * @param version null if the base model answered
     */
    public record Answer(String answer, String adapter, String version, String finishReason) {

        /** Who gave it, for a person. */
        public String by() {
            return adapter == null ? "base model" : adapter + " " + version;
        }
    }

    /**
     * A training command that was taken.
     *
     * @param status of its job
     * @param note null: it begins; else what it means that the job is there already
     */
    public record Submitted(String jobId, String status, String note) {

        /** Whether the job has trained before, and nothing trains now. */
        public boolean trainedBefore() {
            return note != null && "succeeded".equals(status);
        }
    }
}
