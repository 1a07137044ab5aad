package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.lorikeet.deploy.Manifests.Manifest;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Each overlay as kubectl renders it: every object fits its API's type, and whatever names another object finds it. */
@ParameterizedClass
@ValueSource(strings = {"cpu", "gpu", "gpu-s3", "secured", "dev"})
class KubernetesTest {
    /** Beside {@code LORIKEET_…}. */
    private static final Set<String> OTHERS = Set.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            "KAFKA_SASL_USERNAME",
            "KAFKA_SASL_PASSWORD",
            "KAFKA_SSL_TRUSTSTORE_LOCATION",
            "QUARKUS_SHUTDOWN_TIMEOUT",
            "AWS_REGION",
            "AWS_ENDPOINT_URL_S3",
            "QUARKUS_S3_PATH_STYLE_ACCESS");

    /** Some of the fields that an object of a kind must have. */
    private static final Map<String, List<String>> NEEDED = Map.ofEntries(
            Map.entry("Namespace", List.of("/metadata/name")),
            Map.entry("ConfigMap", List.of("/metadata/name")),
            Map.entry("ServiceAccount", List.of("/metadata/name")),
            Map.entry("PersistentVolumeClaim", List.of("/metadata/name")),
            Map.entry("PodDisruptionBudget", List.of("/metadata/name")),
            Map.entry("Service", List.of("/metadata/name", "/spec/ports/0/port")),
            Map.entry(
                    "Deployment",
                    List.of(
                            "/spec/selector",
                            "/spec/template",
                            "/spec/template/spec/containers",
                            "/spec/template/spec/containers/0/name",
                            "/spec/template/spec/containers/0/ports/0/containerPort",
                            "/spec/template/spec/containers/0/volumeMounts/0/mountPath",
                            "/spec/template/spec/volumes/0/name",
                            "/spec/template/spec/topologySpreadConstraints/0/topologyKey")),
            Map.entry("StatefulSet", List.of("/spec/selector", "/spec/template/spec/containers/0/name")),
            Map.entry("Job", List.of("/spec/template", "/spec/template/spec/containers/0/name")),
            Map.entry("NetworkPolicy", List.of("/metadata/name")),
            Map.entry(
                    "HorizontalPodAutoscaler",
                    List.of("/spec/maxReplicas", "/spec/scaleTargetRef/name", "/spec/metrics/0/type")),
            Map.entry("HTTPRoute", List.of("/spec/parentRefs/0/name", "/spec/rules/0/backendRefs/0/name")),
            Map.entry("ServiceMonitor", List.of("/spec", "/spec/selector")),
            Map.entry("PrometheusRule", List.of("/spec/groups/0/name", "/spec/groups/0/rules/0/expr")),
            Map.entry("Kafka", List.of("/spec/kafka", "/spec/kafka/listeners", "/spec/kafka/listeners/0/port")),
            Map.entry("KafkaNodePool", List.of("/spec/replicas", "/spec/storage", "/spec/roles")),
            Map.entry("KafkaUser", List.of("/metadata/name")),
            Map.entry("KafkaTopic", List.of("/spec", "/metadata/name")),
            Map.entry(
                    "ScaledObject",
                    List.of(
                            "/spec/scaleTargetRef",
                            "/spec/scaleTargetRef/name",
                            "/spec/triggers",
                            "/spec/triggers/0/type",
                            "/spec/triggers/0/metadata",
                            "/spec/fallback/failureThreshold",
                            "/spec/advanced/horizontalPodAutoscalerConfig/behavior/scaleDown/policies/0/value")));

    private final String overlay;
    private final List<Manifest> manifests;

    KubernetesTest(String overlay) {
        this.overlay = overlay;
        this.manifests = Manifests.render(overlay);
    }

    /** What makes pods. */
    private record Workload(
            String kind, String name, LabelSelector selector, PodTemplateSpec pods, Set<String> claims) {
        List<Container> containers() {
            return Stream.concat(pods.getSpec().getInitContainers().stream(), pods.getSpec().getContainers().stream())
                    .toList();
        }

        Map<String, String> labels() {
            return pods.getMetadata().getLabels();
        }
    }

    private <T> List<T> all(Class<T> type) {
        return manifests.stream()
                .map(Manifest::typed)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private List<Workload> workloads() {
        var workloads = new ArrayList<Workload>();
        for (Manifest manifest : manifests) {
            switch (manifest.typed()) {
                case Deployment it ->
                    workloads.add(new Workload(
                            manifest.kind(),
                            manifest.name(),
                            it.getSpec().getSelector(),
                            it.getSpec().getTemplate(),
                            Set.of()));
                case StatefulSet it -> {
                    var claims = new HashSet<String>();
                    it.getSpec()
                            .getVolumeClaimTemplates()
                            .forEach(claim -> claims.add(claim.getMetadata().getName()));
                    workloads.add(new Workload(
                            manifest.kind(),
                            manifest.name(),
                            it.getSpec().getSelector(),
                            it.getSpec().getTemplate(),
                            claims));
                }
                case Job it ->
                    workloads.add(new Workload(
                            manifest.kind(), manifest.name(), null, it.getSpec().getTemplate(), Set.of()));
                default -> {}
            }
        }
        return workloads;
    }

    private List<Workload> selectedBy(LabelSelector selector) {
        return workloads().stream()
                .filter(workload -> matches(selector, workload.labels()))
                .toList();
    }

    private static boolean matches(LabelSelector selector, Map<String, String> labels) {
        boolean labelled = selector.getMatchLabels() == null
                || labels.entrySet().containsAll(selector.getMatchLabels().entrySet());
        return labelled
                && selector.getMatchExpressions().stream().allMatch(expression -> {
                    assertThat(expression.getOperator()).isEqualTo("In");
                    return expression.getValues().contains(labels.get(expression.getKey()));
                });
    }

    private static LabelSelector labels(Map<String, String> labels) {
        var selector = new LabelSelector();
        selector.setMatchLabels(labels);
        return selector;
    }

    private Set<String> names(String kind) {
        var names = new HashSet<String>();
        manifests.stream().filter(it -> it.kind().equals(kind)).forEach(it -> names.add(it.name()));
        return names;
    }

    @Test
    void everyObjectIsInTheNamespaceOnce() {
        var seen = new HashSet<String>();
        for (Manifest manifest : manifests) {
            assertThat(seen.add(manifest.kind() + "/" + manifest.name()))
                    .as(manifest.name())
                    .isTrue();
            if (!manifest.kind().equals("Namespace")) {
                assertThat(manifest.yaml().at("/metadata/namespace").asText())
                        .as(manifest.name())
                        .isEqualTo("lorikeet");
            }
        }
        assertThat(names("Deployment")).containsExactlyInAnyOrder("gateway", "inference", "trainer");
    }

    @Test
    void aFieldThatItsTypeLacksIsAnError() {
        for (Manifest manifest : manifests) {
            ObjectNode yaml = manifest.yaml().deepCopy();
            yaml.put("replicaz", 1);
            assertThatThrownBy(() -> Manifests.read(yaml)).as(manifest.kind()).hasMessageContaining("replicaz");
            if (yaml.path("spec").isObject()) {
                yaml.remove("replicaz");
                ((ObjectNode) yaml.path("spec")).put("replicaz", 1);
                assertThatThrownBy(() -> Manifests.read(yaml))
                        .as(manifest.kind())
                        .hasMessageContaining("replicaz");
            }
        }
    }

    @Test
    void aFieldThatIsMissingIsAnError() {
        for (Manifest manifest : manifests) {
            List<String> needed = NEEDED.get(manifest.kind());
            assertThat(needed).as(manifest.kind()).isNotNull();
            for (String pointer : needed) {
                int slash = pointer.lastIndexOf('/');
                ObjectNode yaml = manifest.yaml().deepCopy();
                JsonNode owner = yaml.at(pointer.substring(0, slash));
                if (owner.isObject()) {
                    String field = pointer.substring(slash + 1);
                    assertThat(((ObjectNode) owner).remove(field))
                            .as(manifest.kind() + " " + pointer)
                            .isNotNull();
                    assertThatThrownBy(() -> Manifests.read(yaml))
                            .as(manifest.kind() + " without " + pointer)
                            .hasMessageContaining(field);
                }
            }
        }
    }

    @Test
    void selectorsFindTheirPods() {
        for (Workload workload : workloads()) {
            if (workload.selector() != null) {
                assertThat(matches(workload.selector(), workload.labels()))
                        .as(workload.name())
                        .isTrue();
                assertThat(selectedBy(workload.selector())).as(workload.name()).hasSize(1);
            }
            for (var spread : workload.pods().getSpec().getTopologySpreadConstraints()) {
                assertThat(matches(spread.getLabelSelector(), workload.labels()))
                        .as(workload.name())
                        .isTrue();
            }
        }
        for (Service service : all(Service.class)) {
            assertThat(selectedBy(labels(service.getSpec().getSelector())))
                    .as(service.getMetadata().getName())
                    .hasSize(1);
        }
        for (PodDisruptionBudget budget : all(PodDisruptionBudget.class)) {
            assertThat(selectedBy(budget.getSpec().getSelector()))
                    .as(budget.getMetadata().getName())
                    .hasSize(1);
        }
    }

    @Test
    void portsAreThose() {
        for (Service service : all(Service.class)) {
            Workload workload =
                    selectedBy(labels(service.getSpec().getSelector())).getFirst();
            for (ServicePort port : service.getSpec().getPorts()) {
                assertThat(listensOn(workload, port.getTargetPort()))
                        .as(service.getMetadata().getName())
                        .isTrue();
                assertThat(port.getPort())
                        .as("one number for a service everywhere")
                        .isEqualTo(
                                number(workload.pods().getSpec().getContainers().getFirst(), port.getTargetPort()));
            }
        }
        for (Workload workload : workloads()) {
            for (Container container : workload.containers()) {
                for (Probe probe : Stream.of(
                                container.getStartupProbe(),
                                container.getReadinessProbe(),
                                container.getLivenessProbe())
                        .filter(it -> it != null)
                        .toList()) {
                    IntOrString port = probe.getHttpGet() == null
                            ? probe.getTcpSocket().getPort()
                            : probe.getHttpGet().getPort();
                    assertThat(listensOn(workload, port)).as(workload.name()).isTrue();
                }
                if (ours(container)
                        && !ours(container, "cli")
                        && workload.pods().getSpec().getContainers().contains(container)) {
                    assertThat(container.getStartupProbe()).as(workload.name()).isNotNull();
                    assertThat(container.getReadinessProbe().getHttpGet().getPath())
                            .isEqualTo("/q/health/ready");
                    assertThat(container.getLivenessProbe().getHttpGet().getPath())
                            .isEqualTo("/q/health/live");
                    Dockerfile image = Dockerfile.read(image(container));
                    assertThat(container.getPorts().stream().map(port -> Integer.toString(port.getContainerPort())))
                            .as("the ports that the image listens on")
                            .containsExactlyElementsOf(image.ports());
                    assertThat(Integer.toString(number(
                                    container,
                                    container.getReadinessProbe().getHttpGet().getPort())))
                            .as("the port that the image's health check asks")
                            .isEqualTo(image.health().getLast());
                }
            }
        }
    }

    /** The port of a container that a name stands for. */
    private static int number(Container container, IntOrString port) {
        return container.getPorts().stream()
                .filter(it -> it.getName().equals(port.getStrVal()))
                .findFirst()
                .orElseThrow()
                .getContainerPort();
    }

    private static boolean listensOn(Workload workload, IntOrString port) {
        return workload.containers().stream()
                .flatMap(container -> container.getPorts().stream())
                .anyMatch(it -> port.getStrVal() != null
                        ? port.getStrVal().equals(it.getName())
                        : port.getIntVal().equals(it.getContainerPort()));
    }

    @Test
    void environmentsComeFromWhatIsThereAndNameWhatTheServiceKnows() {
        for (Workload workload : workloads()) {
            for (Container container : workload.containers()) {
                var variables = new HashSet<String>();
                for (EnvFromSource source : container.getEnvFrom()) {
                    if (source.getConfigMapRef() != null) {
                        ConfigMap map = all(ConfigMap.class).stream()
                                .filter(it -> it.getMetadata()
                                        .getName()
                                        .equals(source.getConfigMapRef().getName()))
                                .findFirst()
                                .orElseThrow(() -> new AssertionError("no ConfigMap "
                                        + source.getConfigMapRef().getName()));
                        variables.addAll(map.getData().keySet());
                    }
                    if (source.getSecretRef() != null
                            && !Boolean.TRUE.equals(source.getSecretRef().getOptional())) {
                        assertThat(all(Secret.class)).anyMatch(it -> it.getMetadata()
                                .getName()
                                .equals(source.getSecretRef().getName()));
                    }
                }
                container.getEnv().stream().map(EnvVar::getName).forEach(variables::add);
                if (ours(container) && !ours(container, "cli") && !ours(container, "model")) {
                    Set<String> known = ServiceSettings.variables(image(container));
                    assertThat(variables)
                            .as(workload.name())
                            .isNotEmpty()
                            .allMatch(it -> known.contains(it) || OTHERS.contains(it));
                }
            }
        }
    }

    @Test
    void volumesComeFromClaimsThatAreThere() {
        for (Workload workload : workloads()) {
            var volumes = new HashSet<>(workload.claims());
            for (Volume volume : workload.pods().getSpec().getVolumes()) {
                volumes.add(volume.getName());
                if (volume.getPersistentVolumeClaim() != null) {
                    assertThat(names("PersistentVolumeClaim"))
                            .as(workload.name())
                            .contains(volume.getPersistentVolumeClaim().getClaimName());
                }
            }
            for (Container container : workload.containers()) {
                container.getVolumeMounts().forEach(mount -> assertThat(volumes)
                        .as(workload.name())
                        .contains(mount.getName()));
            }
        }
    }

    /** The gateway hands them out, takes them in and deletes them; with a bucket the folder is a cache of its own. */
    @Test
    void theGatewayMayWriteWhereTrainersAndReplicasHaveAdapters() {
        String root = variable("gateway", "LORIKEET_ADAPTERS_ROOT");
        var pod = workloads().stream()
                .filter(it -> it.kind().equals("Deployment") && it.name().equals("gateway"))
                .findFirst()
                .orElseThrow()
                .pods()
                .getSpec();
        var mount = pod.getContainers().getFirst().getVolumeMounts().stream()
                .filter(it -> it.getMountPath().equals(root))
                .findFirst()
                .orElseThrow();
        assertThat(mount.getReadOnly()).isNotEqualTo(true);
        var volume = pod.getVolumes().stream()
                .filter(it -> it.getName().equals(mount.getName()))
                .findFirst()
                .orElseThrow();
        var store = pod.getContainers().getFirst().getEnvFrom().stream()
                .filter(it -> it.getConfigMapRef() != null)
                .map(it -> it.getConfigMapRef().getName())
                .filter(name -> name.startsWith("adapter-store"))
                .toList();
        if (store.isEmpty()) {
            assertThat(volume.getPersistentVolumeClaim().getClaimName()).isEqualTo("adapters");
        } else {
            assertThat(volume.getEmptyDir()).isNotNull();
            assertThat(volume.getPersistentVolumeClaim()).isNull();
        }
        assertThat(store.isEmpty())
                .as("whoever has adapters has them in one place")
                .isNotEqualTo(overlay.equals("gpu-s3"));
    }

    @Test
    void podsKeepToTheRestrictedStandard() {
        for (Workload workload : workloads()) {
            var pod = workload.pods().getSpec();
            assertThat(pod.getAutomountServiceAccountToken())
                    .as(workload.name())
                    .isFalse();
            assertThat(pod.getSecurityContext().getRunAsNonRoot())
                    .as(workload.name())
                    .isTrue();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            if (pod.getServiceAccountName() != null) {
                assertThat(names("ServiceAccount")).contains(pod.getServiceAccountName());
            }
            for (Container container : workload.containers()) {
                var security = container.getSecurityContext();
                assertThat(security.getAllowPrivilegeEscalation())
                        .as(workload.name())
                        .isFalse();
                assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
                assertThat(security.getReadOnlyRootFilesystem())
                        .as(workload.name())
                        .isEqualTo(ours(container));
                assertThat(container.getResources().getRequests())
                        .as(workload.name())
                        .containsKeys("cpu", "memory");
                assertThat(container.getResources().getLimits())
                        .as(workload.name())
                        .containsKey("memory");
            }
        }
    }

    @Test
    void whatWasLoadedIntoATrialClusterIsNotPulled() {
        for (Workload workload : workloads()) {
            for (Container container : workload.containers()) {
                if (ours(container)) {
                    assertThat(container.getImagePullPolicy())
                            .as(workload.name() + ": " + container.getName())
                            .isEqualTo(overlay.equals("dev") ? "IfNotPresent" : null);
                }
            }
        }
    }

    @Test
    void kubePrometheusStackSelectsMonitorsAndRules() {
        List<Manifest> selected = manifests.stream()
                .filter(it -> it.kind().equals("ServiceMonitor") || it.kind().equals("PrometheusRule"))
                .toList();

        assertThat(selected).hasSize(overlay.equals("dev") ? 0 : 4).allSatisfy(manifest -> assertThat(
                        manifest.yaml().at("/metadata/labels/release").asText())
                .isEqualTo("kube-prometheus-stack"));
    }

    @Test
    void givesEachEngineAGpuWhereThereAreAny() {
        for (Workload workload : workloads()) {
            for (Container container : workload.pods().getSpec().getContainers()) {
                Quantity gpus = container.getResources().getLimits().get("nvidia.com/gpu");
                boolean engine = ours(container, "inference") || ours(container, "trainer");
                assertThat(gpus)
                        .as(workload.name())
                        .isEqualTo(overlay.startsWith("gpu") && engine ? new Quantity("1") : null);
                assertThat(container.getImage().endsWith("-cuda")).isEqualTo(overlay.startsWith("gpu") && engine);
            }
        }
    }

    @Test
    void onlyTheGatewayIsReachable() {
        Map<String, String> stranger = Map.of("app.kubernetes.io/name", "stranger");
        for (Workload workload : workloads()) {
            List<NetworkPolicy> policies = all(NetworkPolicy.class).stream()
                    .filter(it -> matches(it.getSpec().getPodSelector(), workload.labels()))
                    .filter(it -> it.getSpec().getPolicyTypes().contains("Ingress"))
                    .toList();
            assertThat(policies).as(workload.name()).isNotEmpty();
            boolean open = policies.stream()
                    .flatMap(policy -> policy.getSpec().getIngress().stream())
                    .anyMatch(rule -> rule.getFrom().isEmpty()
                            || rule.getFrom().stream()
                                    .anyMatch(peer -> peer.getNamespaceSelector() == null
                                            && matches(peer.getPodSelector(), stranger)));
            assertThat(open).as(workload.name()).isEqualTo(workload.name().equals("gateway"));
        }
    }

    @Test
    void networkPoliciesNamePodsAndPortsThatAreThere() {
        boolean strimzi = !names("Kafka").isEmpty();
        for (NetworkPolicy policy : all(NetworkPolicy.class)) {
            String name = policy.getMetadata().getName();
            List<Workload> subjects = selectedBy(policy.getSpec().getPodSelector());
            assertThat(subjects).as(name).isNotEmpty();
            policy.getSpec().getIngress().forEach(rule -> rule.getPorts()
                    .forEach(port -> subjects.forEach(subject -> assertThat(listensOn(subject, port.getPort()))
                            .as(name)
                            .isTrue())));
            policy.getSpec().getEgress().forEach(rule -> rule.getTo().stream()
                    // what is outside the cluster, or in another namespace, is not in these manifests
                    .filter(peer -> peer.getNamespaceSelector() == null && peer.getIpBlock() == null)
                    .forEach(peer -> {
                        boolean kafka = peer.getPodSelector().getMatchLabels().containsKey("strimzi.io/cluster");
                        if (kafka && strimzi) {
                            assertThat(rule.getPorts())
                                    .extracting(NetworkPolicyPort::getPort)
                                    .containsExactly(new IntOrString(9092));
                            assertThat(peer.getPodSelector().getMatchLabels())
                                    .containsEntry(
                                            "strimzi.io/cluster",
                                            names("Kafka").iterator().next());
                        } else {
                            List<Workload> found = selectedBy(peer.getPodSelector());
                            assertThat(found).as(name).isNotEmpty();
                            found.forEach(target -> rule.getPorts()
                                    .forEach(port -> assertThat(listensOn(target, port.getPort()))
                                            .as(name)
                                            .isTrue()));
                        }
                    }));
        }
    }

    @Test
    void routesMonitorsAndScalersPointAtWhatIsThere() {
        for (HTTPRoute route : all(HTTPRoute.class)) {
            route.getSpec().getRules().forEach(rule -> rule.getBackendRefs().forEach(backend -> {
                Service service = service(backend.getName());
                assertThat(service.getSpec().getPorts())
                        .extracting(ServicePort::getPort)
                        .contains(backend.getPort());
            }));
        }
        for (ServiceMonitor monitor : all(ServiceMonitor.class)) {
            List<Service> services = all(Service.class).stream()
                    .filter(it -> it.getMetadata().getLabels() != null)
                    .filter(it -> it.getMetadata()
                            .getLabels()
                            .entrySet()
                            .containsAll(monitor.getSpec()
                                    .getSelector()
                                    .getMatchLabels()
                                    .entrySet()))
                    .toList();
            assertThat(services).as(monitor.getMetadata().getName()).hasSize(1);
            monitor.getSpec().getEndpoints().forEach(endpoint -> assertThat(
                            services.getFirst().getSpec().getPorts())
                    .extracting(ServicePort::getName)
                    .contains(endpoint.getPort()));
        }
        for (HorizontalPodAutoscaler scaler : all(HorizontalPodAutoscaler.class)) {
            assertThat(names(scaler.getSpec().getScaleTargetRef().getKind()))
                    .contains(scaler.getSpec().getScaleTargetRef().getName());
            assertNoReplicas(scaler.getSpec().getScaleTargetRef().getName());
        }
        for (ScaledObject scaler : all(ScaledObject.class)) {
            assertThat(names(scaler.spec().scaleTargetRef().kind()))
                    .contains(scaler.spec().scaleTargetRef().name());
            assertNoReplicas(scaler.spec().scaleTargetRef().name());
        }
    }

    /** Applying the manifests must not undo what an autoscaler did. */
    private void assertNoReplicas(String deployment) {
        assertThat(all(Deployment.class).stream()
                        .filter(it -> it.getMetadata().getName().equals(deployment))
                        .map(it -> it.getSpec().getReplicas()))
                .containsOnlyNulls();
    }

    @Test
    void hostNamesInConfigurationAreServices() {
        Set<String> hosts = new HashSet<>(names("Service"));
        names("Kafka").forEach(cluster -> hosts.add(cluster + "-kafka-bootstrap"));
        for (ConfigMap map : all(ConfigMap.class)) {
            map.getData().forEach((key, value) -> {
                if (key.equals("KAFKA_BOOTSTRAP_SERVERS") || key.endsWith("_URL")) {
                    String host = value.replaceFirst("^https?://", "").replaceFirst(":\\d+$", "");
                    assertThat(hosts)
                            .as(map.getMetadata().getName() + " " + key)
                            .contains(host);
                }
            });
        }
        for (Workload workload : workloads()) {
            for (Container container : workload.containers()) {
                if (ours(container, "cli")) {
                    assertThat(hosts).contains(container.getArgs().getLast().replaceFirst(":\\d+$", ""));
                }
            }
        }
    }

    @Test
    void drainsBeforeThePodIsKilled() {
        for (String name : List.of("gateway", "inference")) {
            var pod = workloads().stream()
                    .filter(it -> it.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .pods()
                    .getSpec();
            JsonNode preStop = Project.JSON.valueToTree(
                    pod.getContainers().getFirst().getLifecycle().getPreStop());
            assertThat(preStop.at("/exec/command/0").asText()).as(name).isEqualTo("sleep");
            int pause = Integer.parseInt(preStop.at("/exec/command/1").asText());
            int shutdown = shutdownTimeout(name);
            assertThat(pod.getTerminationGracePeriodSeconds()).as(name).isGreaterThanOrEqualTo(pause + shutdown + 10L);
        }
        assertThat(shutdownTimeout("gateway"))
                .as("a gateway that goes waits for what inference may still answer")
                .isGreaterThanOrEqualTo(shutdownTimeout("inference"));
    }

    /** What the service's ConfigMap gives to the requests under way, in seconds. */
    private int shutdownTimeout(String service) {
        return Integer.parseInt(variable(service, "QUARKUS_SHUTDOWN_TIMEOUT").replaceFirst("s$", ""));
    }

    private String variable(String service, String name) {
        return all(ConfigMap.class).stream()
                .filter(map -> map.getMetadata().getName().matches(service + "-[a-z0-9]+"))
                .map(map -> map.getData().get(name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new AssertionError(service + " has no " + name));
    }

    @Test
    void servicesAnswerUnderTheNamesByWhichTheyAreAsked() {
        URI inference = URI.create(variable("gateway", "LORIKEET_INFERENCE_URL"));
        assertThat(variable("inference", "LORIKEET_HTTP_ALLOWED_HOSTS").split(",", -1))
                .contains(inference.getHost());
        String[] gateway = variable("gateway", "LORIKEET_HTTP_ALLOWED_HOSTS").split(",", -1);
        assertThat(gateway).contains(service("gateway").getMetadata().getName());
        for (HTTPRoute route : all(HTTPRoute.class)) {
            assertThat(gateway).containsAll(route.getSpec().getHostnames());
        }
    }

    @Test
    void healthAndMetricsAreNotReachableFromEverywhere() {
        for (NetworkPolicy policy : all(NetworkPolicy.class)) {
            policy.getSpec().getIngress().stream()
                    .filter(rule -> rule.getFrom().isEmpty())
                    .forEach(rule -> assertThat(rule.getPorts())
                            .extracting(NetworkPolicyPort::getPort)
                            .containsExactly(new IntOrString("http")));
        }
        for (HTTPRoute route : all(HTTPRoute.class)) {
            route.getSpec().getRules().forEach(rule -> rule.getBackendRefs()
                    .forEach(backend -> assertThat(backend.getPort()).isEqualTo(8000)));
        }
    }

    private Service service(String name) {
        return all(Service.class).stream()
                .filter(it -> it.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no Service " + name));
    }

    private static boolean ours(Container container) {
        return container.getImage().startsWith("lorikeet/");
    }

    private static boolean ours(Container container, String image) {
        return ours(container) && image(container).equals(image);
    }

    private static String image(Container container) {
        return container.getImage().replaceFirst("^lorikeet/", "").replaceFirst(":.*", "");
    }
}
