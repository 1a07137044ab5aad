package io.lorikeet.cli.stack;

import io.lorikeet.cli.broker.BrokerMain;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The commands and environments of the stack's processes. */
final class StackProcesses {

    static final String BROKER = "broker";
    static final String TRAINER = "trainer";
    static final String INFERENCE = "inference";
    static final String GATEWAY = "gateway";

    private static final String HOST = "127.0.0.1";

    /** A process that lost a thread to a full heap does half of its work and says that it is well; a new one does all. */
    private static final String NO_LIFE_WITHOUT_MEMORY = "-XX:+ExitOnOutOfMemoryError";

    /** Small services that should be up soon: no second compiler, no parallel collector. */
    static final List<String> LEAN = List.of(NO_LIFE_WITHOUT_MEMORY, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /**
     * The engine's Java side works per token, so these two keep the optimising compiler. A heap that begins small stays small: what
     * they have in memory are weights, which are none of it.
     */
    static final List<String> WITH_ENGINE = List.of(
            NO_LIFE_WITHOUT_MEMORY,
            "-XX:+UseSerialGC",
            "-Xms32m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dai.djl.offline=true");

    private final StackOptions options;

    StackProcesses(StackOptions options) {
        this.options = options;
    }

    ProcessSpec broker() {
        Path ready = options.run().resolve("broker.ready");
        int port = options.ports().broker();
        List<String> command = new ArrayList<>(List.of(java(), "-Xmx128m", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(LEAN);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), BrokerMain.class.getName()));
        command.addAll(List.of(Integer.toString(port), options.kafka().toString(), ready.toString()));
        return new ProcessSpec(BROKER, port, command, Map.of(), new Readiness.FileExists(ready));
    }

    ProcessSpec trainer(String name, int port) {
        Map<String, String> environment = engine(port);
        environment.put("LORIKEET_MODELS_ROOT", options.home().models().toString());
        environment.put("LORIKEET_DATA_ROOT", options.data().toString());
        environment.putAll(NativeSettings.training());
        return service(name, "trainer-service", port, port, WITH_ENGINE, environment);
    }

    ProcessSpec inference(String name, int port, int management) {
        Map<String, String> environment = engine(management);
        environment.putAll(http(port));
        environment.putAll(NativeSettings.serving());
        return service(name, "inference-service", port, management, WITH_ENGINE, environment);
    }

    ProcessSpec gateway(String name, int port, int management, List<Integer> inference) {
        Map<String, String> environment = common(management);
        environment.putAll(http(port));
        environment.put(
                "LORIKEET_INFERENCE_URL",
                inference.stream().map(each -> "http://" + HOST + ":" + each).collect(Collectors.joining(",")));
        environment.put("LORIKEET_DEFAULT_ADAPTER", options.defaultAdapter());
        environment.put("LORIKEET_DATA_ROOT", options.data().toString());
        environment.put("LORIKEET_ADAPTERS_ROOT", options.adapters().toString());
        environment.put("LORIKEET_STATE_FOLDER", options.state().resolve(name).toString());
        List<String> jvm = new ArrayList<>(LEAN);
        jvm.add("-Xmx192m");
        return service(name, "gateway", port, management, jvm, environment);
    }

    private Map<String, String> engine(int management) {
        Map<String, String> environment = common(management);
        environment.put("LORIKEET_MODEL", options.model().toString());
        environment.put("LORIKEET_ADAPTERS_ROOT", options.adapters().toString());
        environment.put("OPT_OUT_TRACKING", "true");
        return environment;
    }

    private static Map<String, String> http(int port) {
        return Map.of("QUARKUS_HTTP_HOST", HOST, "QUARKUS_HTTP_PORT", Integer.toString(port));
    }

    private Map<String, String> common(int management) {
        Map<String, String> environment = new HashMap<>();
        environment.put("QUARKUS_MANAGEMENT_HOST", HOST);
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(management));
        // Being asked while it starts is no news for its log.
        environment.put("QUARKUS_LOG_CATEGORY__IO_SMALLRYE_HEALTH__LEVEL", "WARN");
        environment.put("KAFKA_BOOTSTRAP_SERVERS", HOST + ":" + options.ports().broker());
        return environment;
    }

    private ProcessSpec service(
            String name, String module, int port, int management, List<String> jvm, Map<String, String> environment) {
        Path jar = options.home().quarkusApp(module).resolve("quarkus-run.jar");
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(jvm);
        command.addAll(List.of("-jar", jar.toString()));
        URI ready = URI.create("http://" + HOST + ":" + management + "/q/health/ready");
        return new ProcessSpec(name, port, command, environment, new Readiness.HttpOk(ready));
    }

    /** The Java that runs this. */
    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
