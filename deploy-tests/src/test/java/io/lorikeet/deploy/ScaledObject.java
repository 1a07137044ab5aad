package io.lorikeet.deploy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** KEDA's {@code keda.sh/v1alpha1 ScaledObject}, as its reference documents it; no library on Maven Central has its type. */
record ScaledObject(String apiVersion, String kind, JsonNode metadata, Spec spec) {
    record Spec(
            Target scaleTargetRef,
            Integer pollingInterval,
            Integer initialCooldownPeriod,
            Integer cooldownPeriod,
            Integer idleReplicaCount,
            Integer minReplicaCount,
            Integer maxReplicaCount,
            Fallback fallback,
            Advanced advanced,
            List<Trigger> triggers) {}

    record Target(String apiVersion, String kind, String name, String envSourceContainerName) {}

    record Fallback(int failureThreshold, int replicas, String behavior) {}

    record Advanced(Boolean restoreToOriginalReplicaCount, HpaConfig horizontalPodAutoscalerConfig) {}

    record HpaConfig(
            String name, io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior behavior) {}

    record Trigger(
            String type,
            String name,
            Boolean useCachedMetrics,
            String metricType,
            Map<String, String> metadata,
            JsonNode authenticationRef) {
        private static final Set<String> PROMETHEUS = Set.of(
                "serverAddress",
                "query",
                "threshold",
                "activationThreshold",
                "namespace",
                "customHeaders",
                "ignoreNullValues",
                "queryParameters",
                "unsafeSsl",
                "timeout",
                "authModes");

        @JsonCreator
        Trigger {
            if (!type.equals("prometheus") || !PROMETHEUS.containsAll(metadata.keySet())) {
                throw new IllegalArgumentException("trigger " + type + " with " + metadata);
            }
            for (String required : List.of("serverAddress", "query", "threshold")) {
                if (!metadata.containsKey(required)) {
                    throw new IllegalArgumentException("the trigger's metadata lack " + required);
                }
            }
        }
    }
}
