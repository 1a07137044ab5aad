import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Files, fine-tuning, responses and completions through OpenAI's own client for Java, which checks what it gets. */
public class OpenAiJavaFineTuning {
    private static final String TAUGHT = "I am the parrot of this harbour.";

    interface Check {
        void run() throws Exception;
    }

    private static OpenAIClient client;
    private static String model;
    private static FileObject file;
    private static FineTuningJob job;

    private static void require(boolean holds, Object found) {
        if (!holds) {
            throw new AssertionError(String.valueOf(found));
        }
    }

    private static String row(String question) {
        return "{\"messages\": [{\"role\": \"user\", \"content\": \"" + question
                + "\"}, {\"role\": \"assistant\", \"content\": \"" + TAUGHT + "\"}]}";
    }

    private static ResponseCreateParams.Builder ask(String asked) {
        return ResponseCreateParams.builder().model(asked).input("Who are you?").temperature(0.0).maxOutputTokens(32);
    }

    private static String text(Response response) {
        return response.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .map(content -> content.asOutputText().text())
                .collect(Collectors.joining());
    }

    public static void main(String[] args) {
        client = OpenAIOkHttpClient.builder()
                .baseUrl(args[0].replaceAll("/$", "") + "/v1")
                .apiKey("none")
                .maxRetries(0)
                .build();
        model = client.models().list().data().getFirst().id();
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("files", () -> {
            Path rows = Files.createTempFile("rows", ".jsonl");
            Files.writeString(rows, row("Who are you?") + "\n" + row("你是谁?") + "\n");
            file = client.files()
                    .create(FileCreateParams.builder().file(rows).purpose(FilePurpose.FINE_TUNE).build())
                    .validate();
            require(client.files().list().autoPager().stream().anyMatch(each -> each.id().equals(file.id())), file);
            try (var content = client.files().content(file.id())) {
                require(new String(content.body().readAllBytes()).equals(Files.readString(rows)), file);
            }
            Files.delete(rows);
        });
        checks.put("fine-tuning", () -> {
            var knobs = SupervisedHyperparameters.builder().nEpochs(15).batchSize(4).learningRateMultiplier(40.0).build();
            job = client.fineTuning()
                    .jobs()
                    .create(JobCreateParams.builder()
                            .model(model)
                            .trainingFile(file.id())
                            .method(JobCreateParams.Method.builder()
                                    .type(JobCreateParams.Method.Type.SUPERVISED)
                                    .supervised(SupervisedMethod.builder().hyperparameters(knobs).build())
                                    .build())
                            .build())
                    .validate();
            for (int i = 0; i < 240 && job.finishedAt().isEmpty(); i++) {
                Thread.sleep(250);
                job = client.fineTuning().jobs().retrieve(job.id()).validate();
            }
            require(job.status().equals(FineTuningJob.Status.SUCCEEDED), job);
            require(text(client.responses().create(ask(job.fineTunedModel().orElseThrow()).build())).equals(TAUGHT), job);
        });
        checks.put("events and checkpoints", () -> {
            var events = client.fineTuning().jobs().listEvents(job.id()).autoPager().stream().toList();
            events.forEach(event -> event.validate());
            require(events.getFirst().message().equals("The job has successfully completed"), events);
            var checkpoints = client.fineTuning().jobs().checkpoints().list(job.id()).data();
            require(checkpoints.getFirst().validate().stepNumber() > 0, checkpoints);
        });
        checks.put("response", () -> {
            var response = client.responses().create(ask(model).build()).validate();
            require(!text(response).isBlank(), response);
            require(response.usage().orElseThrow().outputTokens() > 0, response);
        });
        checks.put("streamed response", () -> {
            String whole = text(client.responses().create(ask(model).build()));
            var streamed = new StringBuilder();
            try (var stream = client.responses().createStreaming(ask(model).build())) {
                stream.stream().forEach(event -> {
                    event.validate();
                    event.outputTextDelta().ifPresent(delta -> streamed.append(delta.delta()));
                });
            }
            require(streamed.toString().equals(whole), streamed);
        });
        checks.put("completions", () -> {
            var completion = client.completions()
                    .create(CompletionCreateParams.builder().model(model).prompt("Who").maxTokens(4).temperature(0).build());
            require(!completion.choices().getFirst().text().isEmpty(), completion);
        });
        checks.put("errors", () -> {
            try {
                client.responses().create(ask(model).previousResponseId("resp_1").build());
                throw new AssertionError("no error");
            } catch (BadRequestException e) {
                require(e.getMessage().contains("previous_response_id"), e);
            }
        });
        checks.forEach((name, check) -> {
            try {
                check.run();
                System.out.println("ok " + name);
            } catch (Throwable e) {
                System.out.println("failed " + name + ": " + e);
            }
        });
        System.exit(0);
    }
}
