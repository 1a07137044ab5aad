package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComposeTest {
    /** Beside {@code LORIKEET_…} and {@code GF_…}; each of them shows when the services run. */
    private static final Set<String> OTHERS = Set.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            "KAFKA_SECURITY_PROTOCOL",
            "KAFKA_SASL_MECHANISM",
            "KAFKA_SASL_USERNAME",
            "KAFKA_SASL_PASSWORD",
            "KAFKA_SSL_TRUSTSTORE_LOCATION",
            "QUARKUS_LOG_CONSOLE_JSON_ENABLED",
            "DJL_CACHE_DIR",
            "OPT_OUT_TRACKING",
            "QUARKUS_SHUTDOWN_TIMEOUT",
            "AWS_REGION",
            "AWS_ENDPOINT_URL_S3",
            "QUARKUS_S3_PATH_STYLE_ACCESS",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "NVIDIA_VISIBLE_DEVICES",
            "NVIDIA_DRIVER_CAPABILITIES");

    private final Compose compose = Compose.read();

    @Test
    void setsNoVariableThatItsServiceDoesNotKnow() {
        for (Compose.Service service : compose.services()) {
            if (service.ours() == null || service.ours().equals("cli")) {
                continue;
            }
            Set<String> known = ServiceSettings.variables(service.ours());
            assertThat(known)
                    .contains("LORIKEET_" + (service.ours().equals("gateway") ? "INFERENCE_URL" : "ADAPTERS_ROOT"));
            assertThat(service.environment().keySet())
                    .as(service.name())
                    .allMatch(variable -> known.contains(variable) || OTHERS.contains(variable));
            assertThat(Dockerfile.read(service.ours()).environment().keySet())
                    .as(service.name())
                    .allMatch(variable -> known.contains(variable) || OTHERS.contains(variable));
        }
    }

    @Test
    void anotherAdapterStoreIsAMatterOfVariables() {
        var bucket = Map.of(
                "LORIKEET_ADAPTERS_STORE", "s3://adapters/prod",
                "AWS_REGION", "eu-central-1",
                "AWS_ENDPOINT_URL_S3", "http://store:9000",
                "QUARKUS_S3_PATH_STYLE_ACCESS", "true",
                "AWS_ACCESS_KEY_ID", "key",
                "AWS_SECRET_ACCESS_KEY", "secret");
        var set = new HashMap<>(bucket);
        set.put("LORIKEET_INFERENCE_ADAPTERS", "adapter-cache:/adapters");
        set.put("COMPOSE_PROFILES", "cpu,gpu");
        Compose s3 = Compose.read(set);

        for (Compose.Service service : s3.services()) {
            if (service.environment().containsKey("LORIKEET_ADAPTERS_ROOT")) {
                assertThat(service.environment()).as(service.name()).containsAllEntriesOf(bucket);
                assertThat(service.environment()).doesNotContainKey("AWS_SESSION_TOKEN");
            } else {
                assertThat(service.environment()).as(service.name()).doesNotContainKey("AWS_SECRET_ACCESS_KEY");
            }
            if ("inference".equals(service.ours())) {
                assertThat(service.volumes())
                        .as("a cache that it may write to, and not the trainers' volume")
                        .anyMatch(volume -> volume.matches("adapter-cache:/adapters(:rw)?"))
                        .noneMatch(volume -> volume.startsWith("adapters:"));
            }
        }
        assertThat(s3.services())
                .filteredOn(it -> "inference".equals(it.ours()))
                .isNotEmpty();
        assertThat(compose.service("inference").environment())
                .containsEntry("LORIKEET_ADAPTERS_STORE", "file:")
                .doesNotContainKeys("AWS_REGION", "AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID");
        assertThat(compose.service("inference").volumes()).contains("adapters:/adapters:ro");
    }

    @Test
    void noLogGrowsForEver() {
        for (Compose.Service service : compose.services()) {
            assertThat(service.yaml().at("/logging/options/max-size").asText())
                    .as(service.name())
                    .isNotEmpty();
        }
    }

    @Test
    void mountsWhatIsInTheProject() {
        for (Compose.Service service : compose.services()) {
            for (String volume : service.volumes()) {
                String source = volume.substring(0, volume.indexOf(':'));
                if (source.startsWith("/")) {
                    assertThat(Path.of(source))
                            .as(service.name())
                            .startsWith(Project.ROOT)
                            .exists();
                } else {
                    assertThat(compose.yaml().path("volumes").has(source))
                            .as(volume)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void givesOurServicesNothingBeyondTheirWork() {
        for (Compose.Service service : compose.services()) {
            if (service.ours() != null) {
                assertThat(service.yaml().path("read_only").asBoolean())
                        .as(service.name())
                        .isTrue();
                assertThat(service.yaml().path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
                assertThat(service.yaml().path("security_opt").toString()).isEqualTo("[\"no-new-privileges:true\"]");
            }
            service.yaml().path("ports").forEach(port -> assertThat(port.toString())
                    .as(service.name())
                    .contains("127.0.0.1:"));
        }
    }

    @Test
    void givesGpuServicesAGpuAndTheNameOfTheOthers() {
        for (String name : List.of("trainer", "inference")) {
            Compose.Service gpu = compose.service(name + "-gpu");
            assertThat(gpu.profiles()).containsExactly("gpu");
            assertThat(compose.service(name).profiles()).containsExactly("cpu");
            assertThat(gpu.image()).endsWith("-cuda");
            assertThat(gpu.environment().get("LORIKEET_DEVICE")).startsWith("cuda");
            assertThat(gpu.yaml().at("/networks/default/aliases").toString()).contains("\"" + name + "\"");
            assertThat(gpu.yaml()
                            .at("/deploy/resources/reservations/devices/0/capabilities")
                            .toString())
                    .contains("gpu");
        }
    }

    @Test
    void imagesAreMadeOfWhatTheBuildMakes() {
        for (String name : List.of("trainer", "inference", "gateway", "cli")) {
            Dockerfile image = Dockerfile.read(name);
            image.copies().forEach((target, source) -> {
                if (!source.startsWith("/")) {
                    assertThat(Project.path(source)).as(name + ": " + target).exists();
                }
            });
            assertThat(image.user()).as(name).isEqualTo("10001:10001");
            assertThat(image.entrypoint()).as(name).contains("-XX:+ExitOnOutOfMemoryError");
            assertThat(image.stages()).as(name).noneMatch(line -> line.startsWith("ADD ") || line.contains("curl "));
        }
    }

    @Test
    void everyJarOfAnImageIsInItsBillOfMaterials() throws Exception {
        for (String name : List.of("trainer", "inference", "gateway", "cli")) {
            String module = ServiceSettings.module(name);
            Path jars = Project.path(module).resolve(name.equals("cli") ? "target/lib" : "target/quarkus-app/lib/main");
            String sbom = Files.readString(Project.path(module).resolve("target/sbom.json"));
            assertThat(Project.JSON.readTree(sbom).path("bomFormat").asText()).isEqualTo("CycloneDX");
            List<String> listed = Project.JSON.readTree(sbom).findValuesAsText("purl");
            try (var files = Files.list(jars)) {
                for (Path jar : files.toList()) {
                    assertThat(listed).as(name + ": " + jar.getFileName()).anyMatch(purl -> isFor(purl, jar));
                }
            }
        }
    }

    /** {@code pkg:maven/group/artifact@version?type=jar} for {@code group.artifact-version.jar}. */
    private static boolean isFor(String purl, Path jar) {
        String coordinates = purl.replaceFirst("\\?.*", "");
        String artifact =
                coordinates.substring(coordinates.lastIndexOf('/') + 1).replace('@', '-');
        return jar.getFileName().toString().contains(artifact);
    }

    @Test
    void buildImagesBuildsEveryImageOfTheComposeFile() {
        String commands = Tool.run("deploy/build-images", "--dry-run").orThrow()
                + Tool.run("deploy/build-images", "--dry-run", "--cuda").orThrow();
        for (Compose.Service service : compose.services()) {
            if (service.ours() != null) {
                assertThat(commands).contains("-t " + service.image() + " ");
            }
        }
        for (String wrong : List.of("trianer", "--bilder")) {
            assertThat(Tool.run(List.of("deploy/build-images", "--dry-run", wrong), Map.of())
                            .exitCode())
                    .isEqualTo(1);
        }
        for (String builder : List.of("podman", "buildah")) {
            assertThat(Tool.run("deploy/build-images", "--dry-run", "--builder", builder)
                            .orThrow())
                    .contains(builder + " build --format docker -f ");
        }
    }
}
