package io.lorikeet.messaging;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Tracing is off unless there is somebody to tell: OpenTelemetry's own variable {@code OTEL_EXPORTER_OTLP_ENDPOINT} says where a
 * collector is. What Quarkus' own properties say wins.
 */
public final class TracingSwitch implements ConfigSource {
    private static final String ENDPOINT = System.getenv("OTEL_EXPORTER_OTLP_ENDPOINT");
    private static final String DISABLED = "quarkus.otel.sdk.disabled";
    private static final String HTTP = "quarkus.otel.instrument.vertx-http";
    /** Above a service's own properties, below the environment. */
    private static final int ORDINAL = 260;

    private final Map<String, String> properties = properties();

    /** Whether there is a collector. */
    static boolean isOn() {
        return ENDPOINT != null && !ENDPOINT.isBlank();
    }

    private static Map<String, String> properties() {
        // both are said either way: what a build sees without a collector would be the default of what it makes
        return isOn()
                ? Map.of(DISABLED, "false", HTTP, "true", "quarkus.otel.exporter.otlp.endpoint", ENDPOINT)
                : Map.of(DISABLED, "true", HTTP, "false");
    }

    @Override
    public int getOrdinal() {
        return ORDINAL;
    }

    @Override
    public Set<String> getPropertyNames() {
        return properties.keySet();
    }

    @Override
    public String getValue(String name) {
        return properties.get(name);
    }

    @Override
    public String getName() {
        return "tracing switch";
    }
}
