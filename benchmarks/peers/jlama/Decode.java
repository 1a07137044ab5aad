import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.prompt.PromptContext;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** The measurement of `bench decode` on Jlama: {@code Decode MODEL_DIR F32|BF16 STREAMS}. Prints one JSON object. */
public final class Decode {
    private static final String PROMPT = "<|im_start|>user\nThe quick brown fox jumps over the lazy dog, and then?"
            + "<|im_end|>\n<|im_start|>assistant\n";
    /** Jlama counts the prompt's tokens among those that it may take. */
    private static final int PROMPT_ROOM = 160;

    private static final int TOKENS = 64;
    private static final int ROUNDS = 3;

    private Decode() {}

    public static void main(String[] arguments) throws Exception {
        DType working = DType.valueOf(arguments[1]);
        int streams = Integer.parseInt(arguments[2]);
        AbstractModel model = ModelSupport.loadModel(new File(arguments[0]), working, working);
        run(model, streams);
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            best = Math.max(best, run(model, streams));
        }
        String status = Files.readString(Path.of("/proc/self/status"));
        System.out.printf(
                "{\"benchmark\":\"jlama\",\"dtype\":\"%s\",\"streams\":%d,\"tokensPerSecond\":%.2f,\"peakMiB\":%d}%n",
                working, streams, best, peakMiB(status));
        System.exit(0);
    }

    /** Tokens a second of all streams while all of them decode. */
    private static double run(AbstractModel model, int streams) throws InterruptedException {
        List<List<Long>> arrivals = IntStream.range(0, streams)
                .<List<Long>>mapToObj(_ -> new ArrayList<>())
                .toList();
        List<Thread> threads = new ArrayList<>();
        for (List<Long> times : arrivals) {
            threads.add(Thread.ofPlatform()
                    .start(() -> model.generate(
                            UUID.randomUUID(), PromptContext.of(PROMPT), 0f, PROMPT_ROOM + TOKENS, (_, _) -> {
                                times.add(System.nanoTime());
                            })));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (arrivals.stream().anyMatch(times -> times.size() < TOKENS)) {
            System.out.println("jlama: a stream ended before its " + TOKENS + " tokens; its errors are on standard error");
            System.exit(1);
        }
        long from = arrivals.stream().mapToLong(List::getFirst).max().orElseThrow();
        long to = arrivals.stream().mapToLong(List::getLast).min().orElseThrow();
        long tokens = arrivals.stream()
                .mapToLong(times ->
                        times.stream().filter(t -> t > from && t <= to).count())
                .sum();
        return tokens / ((to - from) / 1e9);
    }

    private static long peakMiB(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
