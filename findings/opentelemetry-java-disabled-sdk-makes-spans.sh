#!/usr/bin/env bash
# Guess:    OTEL_SDK_DISABLED=true (otel.sdk.disabled) gives an SDK that does nothing, as OpenTelemetry's specification of the
#           variable says: its spans are invalid, and nothing that looks at the current span sees one.
# Found:    Java's autoconfiguration then gives an SDK that is only not set up: its tracers make valid, sampled, recording spans,
#           which end without being told to anybody. They cost what spans cost; who injects the context himself sends their
#           ids, and Prometheus' client attaches them to metrics as exemplars. Take OpenTelemetry.noop() instead.
# Versions: io.opentelemetry:opentelemetry-sdk-extension-autoconfigure 1.57.0, JDK 17 or newer.
# Source:   the span of a disabled and of a no-op SDK, printed below.
# Needs:    java, mvn. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >pom.xml <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>disabled</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.opentelemetry</groupId>
      <artifactId>opentelemetry-sdk-extension-autoconfigure</artifactId>
      <version>1.57.0</version>
    </dependency>
  </dependencies>
</project>
XML
cat >Disabled.java <<'JAVA'
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;

class Disabled {
    public static void main(String[] args) {
        var disabled = AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesSupplier(() -> Map.of("otel.sdk.disabled", "true"))
                .build()
                .getOpenTelemetrySdk();
        boolean made = describe("disabled", disabled);
        boolean none = !describe("noop()", OpenTelemetry.noop());
        System.exit(made && none ? 0 : 1);
    }

    private static boolean describe(String name, OpenTelemetry telemetry) {
        var span = telemetry.getTracer("finding").spanBuilder("work").startSpan();
        var context = span.getSpanContext();
        System.out.printf("%-9s valid %s, sampled %s, recording %s%n", name, context.isValid(), context.isSampled(), span.isRecording());
        span.end();
        return context.isValid() && context.isSampled();
    }
}
JAVA
mvn -q dependency:build-classpath -Dmdep.outputFile=classpath >/dev/null
echo "opentelemetry-java 1.57.0"
java -cp "$(cat classpath)" Disabled.java 2>/dev/null
