package io.lorikeet.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The gateway's HTTP interface, as the commands use it. What goes wrong comes as a {@link CliException}. */
public final class GatewayClient {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private static final int NOT_FOUND = 404;
    /** Items that are asked for at once. */
    private static final int PAGE = 500;

    private final URI gateway;
    private final Optional<String> key;
    private final HttpClient http;

    /** One of a gateway that asks for no key. */
    public GatewayClient(URI gateway) {
        this(gateway, Optional.empty());
    }

    /** @param key to send */
    public GatewayClient(URI gateway, Optional<String> key) {
        this.gateway = gateway;
        this.key = key;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /** Asks with {@code POST /ask} and returns the whole answer. */
    public Answer ask(Question question) {
        return Json.convert(post("/ask", question.json(false)), Answer.class);
    }

    /** Asks with {@code POST /ask}, hands on the text piece by piece, and returns the whole answer at the end. */
    public Answer ask(Question question, Consumer<String> delta) {
        HttpRequest request = request("/ask")
                .header("content-type", "application/json")
                .header("accept", "text/event-stream")
                .POST(BodyPublishers.ofByteArray(Json.write(question.json(true))))
                .build();
        Answer[] whole = new Answer[1];
        stream(request, data -> {
            JsonNode record = Json.parse(data.getBytes(StandardCharsets.UTF_8), "answer");
            if (record.has("delta")) {
                delta.accept(record.get("delta").asText());
            } else if (record.has("answer")) {
                whole[0] = Json.convert(record, Answer.class);
            } else {
                throw new CliException("The gateway broke off: " + problem(record, data));
            }
        });
        if (whole[0] == null) {
            throw new CliException("The gateway's answer broke off before its end.");
        }
        return whole[0];
    }

    /** The answer to a conversation, over {@code POST /v1/chat/completions}; hands on its text piece by piece. */
    public Answer chat(Chat chat, Consumer<String> delta) {
        HttpRequest request = request("/v1/chat/completions")
                .header("content-type", "application/json")
                .header("accept", "text/event-stream")
                .POST(BodyPublishers.ofByteArray(Json.write(chat.json())))
                .build();
        var text = new StringBuilder();
        JsonNode[] last = {Json.mapper().createObjectNode()};
        stream(request, data -> {
            JsonNode chunk = Json.parse(data.getBytes(StandardCharsets.UTF_8), "answer");
            if (chunk.has("error")) {
                throw new CliException("The gateway broke off: " + problem(chunk, data));
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
        JsonNode answer = post("/v1/chat/completions", body);
        return answer.path("choices").path(0).path("message").path("content").asText();
    }

    /** Id of the base model: adapters name it as their parent, itself has none. */
    public String baseModel() {
        return list(get("/v1/models"), "data").stream()
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
        HttpRequest request = request("/v1/training/jobs")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(command))
                .build();
        return Json.convert(tree(request), Submitted.class);
    }

    /** Hands on the events of a job from its first until its last, or until the gateway ends the stream. */
    public void events(String jobId, Consumer<TrainingEvent> consumer) {
        HttpRequest request = request("/v1/training/jobs/" + encode(jobId) + "/events")
                .header("accept", "text/event-stream")
                .GET()
                .build();
        stream(request, data -> consumer.accept(Json.read(data.getBytes(StandardCharsets.UTF_8), TrainingEvent.class)));
    }

    /** All job views that the gateway keeps, as it sends them, the newest first. */
    public List<JsonNode> jobs() {
        return pages("/v1/training/jobs", "jobs", "job_id");
    }

    /** Asks the trainer of this job to stop. */
    public void cancel(String jobId) {
        post("/v1/training/jobs/" + encode(jobId) + "/cancel", Json.mapper().createObjectNode());
    }

    /** The adapters with their versions, as the gateway sends them. */
    public List<JsonNode> adapters() {
        return pages("/v1/adapters", "adapters", "name");
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
        return post("/v1/adapters/" + encode(adapter) + "/rollback", body);
    }

    /** Serves a version from now on; {@code force} also one that its job did not promote. */
    public void promote(String adapter, String version, boolean force) {
        ObjectNode body = Json.mapper().createObjectNode().put("version", version);
        post("/v1/adapters/" + encode(adapter) + "/promote", force ? body.put("force", true) : body);
    }

    /**
     * Asks questions of one version and has the answers judged.
     *
     * @param adapter its name, or the base model's id
     * @param evaluation what {@code POST /v1/adapters/{name}/evaluate} takes
     */
    public JsonNode evaluate(String adapter, JsonNode evaluation) {
        return post("/v1/adapters/" + encode(adapter) + "/evaluate", evaluation);
    }

    /** Stops serving an adapter; its files stay. */
    public void retire(String adapter) {
        tree(request("/v1/adapters/" + encode(adapter)).DELETE().build());
    }

    /** Everything in a list that comes in pages: each begins {@code after} the last one of the page before. */
    private List<JsonNode> pages(String path, String list, String name) {
        var all = new ArrayList<JsonNode>();
        String after = "";
        while (true) {
            JsonNode page = get(path + "?limit=" + PAGE + after);
            List<JsonNode> items = list(page, list);
            all.addAll(items);
            if (!page.path("has_more").asBoolean() || items.isEmpty()) {
                return all;
            }
            after = "&after=" + encode(items.getLast().path(name).asText());
        }
    }

    private JsonNode get(String path) {
        return tree(request(path).GET().build());
    }

    private JsonNode post(String path, JsonNode body) {
        return tree(request(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(Json.write(body)))
                .build());
    }

    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(gateway.resolve(path));
        key.ifPresent(secret -> request.header("authorization", "Bearer " + secret));
        return request;
    }

    JsonNode tree(HttpRequest request) {
        HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
        requireSuccess(request, response.statusCode(), response.body());
        return response.body().length == 0
                ? Json.mapper().createObjectNode()
                : Json.parse(response.body(), "the gateway's answer");
    }

    private void stream(HttpRequest request, Consumer<String> data) {
        HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                requireSuccess(request, response.statusCode(), body.readAllBytes());
            }
            ServerSentEvents.read(body, data);
        } catch (IOException | UncheckedIOException e) {
            throw new ConnectionLost("The connection to " + gateway + " broke: " + e.getMessage(), e);
        }
    }

    <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (ConnectException e) {
            throw new ConnectionLost(
                    "Nothing answers at " + gateway + ". `./lorikeet up` starts the local stack; --url names another"
                            + " gateway.",
                    e);
        } catch (IOException e) {
            throw new ConnectionLost("The connection to " + gateway + " broke: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted.", e);
        }
    }

    static void requireSuccess(HttpRequest request, int status, byte[] body) {
        if (status / 100 == 2) {
            return;
        }
        String text = new String(body, StandardCharsets.UTF_8).strip();
        String problem;
        try {
            problem = problem(Json.parse(body, "problem"), text);
        } catch (ContractException e) {
            problem = text;
        }
        throw new RefusedException(
                status,
                "%s %s was refused (%d): %s"
                        .formatted(request.method(), request.uri().getPath(), status, problem));
    }

    /** RFC 9457's detail or OpenAI's error message. */
    private static String problem(JsonNode body, String otherwise) {
        return Stream.of(
                        body.path("detail"),
                        body.path("error").path("message"),
                        body.path("error").path("detail"),
                        body.path("title"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .findFirst()
                .orElse(otherwise);
    }

    private static List<JsonNode> list(JsonNode body, String name) {
        return StreamSupport.stream(body.path(name).spliterator(), false).toList();
    }

    static String encode(String pathSegment) {
        return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
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

    /** The gateway is not there, or no longer. */
    public static final class ConnectionLost extends CliException {
        private static final long serialVersionUID = 1L;

        ConnectionLost(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The gateway answered with an error. */
    public static final class RefusedException extends CliException {
        private static final long serialVersionUID = 1L;

        private final int status;

        RefusedException(int status, String message) {
            super(message);
            this.status = status;
        }

        public int status() {
            return status;
        }
    }
}
