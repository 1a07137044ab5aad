#!/usr/bin/env bash
# Guess:    two meters whose names collide in Prometheus are refused, or one is left out with a warning, when the second one
#           is registered.
# Found:    a gauge whose name is that of a series that a timer derives (NAME_seconds_max) is registered without a word;
#           from then on every scrape throws, so that no metric of the process is seen any more. 1.16 and 1.17 throw
#           different exceptions.
# Versions: io.micrometer:micrometer-registry-prometheus 1.16.3 and 1.17.0, JDK 17 or newer.
# Source:   the output below.
# Needs:    java, mvn. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >Collide.java <<'JAVA'
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;

class Collide {
    public static void main(String[] args) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Timer.builder("job.time").register(registry).record(Duration.ofSeconds(1));
        Gauge.builder("job.time.seconds.max", () -> 3).register(registry);
        try {
            registry.scrape();
            System.out.println("scraped");
        } catch (RuntimeException e) {
            System.out.println("scrape throws " + e);
        }
    }
}
JAVA

status=0
for version in 1.16.3 1.17.0; do
  cat >pom.xml <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.micrometer</groupId>
      <artifactId>micrometer-registry-prometheus</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
XML
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath -Dmdep.outputFile=classpath >/dev/null
  seen=$(java -cp "$(cat classpath)" Collide.java 2>/dev/null)
  echo "micrometer $version: $seen"
  case $seen in 'scrape throws '*) ;; *) status=1 ;; esac
done
exit $status
