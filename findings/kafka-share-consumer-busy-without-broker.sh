#!/usr/bin/env bash
# Guess:    a share consumer waits in poll() while its broker is away, as a plain consumer does: an idle process.
# Found:    with kafka-clients 4.2.1 its background thread goes round without a pause and takes a whole core or more for as
#           long as no broker answers, whatever the time-out of poll() is; with 4.4.0 it takes a few percent.
# Versions: org.apache.kafka:kafka-clients 4.2.1 and 4.4.0, JDK 17 or newer.
# Source:   this measurement: CPU time of the process over five seconds of poll(500 ms), no broker at the address.
# Needs:    java, mvn. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >Idle.java <<'JAVA'
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

class Idle {
    public static void main(String[] args) throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        Map<String, Object> config = Map.of("bootstrap.servers", "127.0.0.1:" + nobody, "group.id", "idle");
        var bytes = new ByteArrayDeserializer();
        var consumer = new KafkaShareConsumer<byte[], byte[]>(config, bytes, bytes);
        consumer.subscribe(List.of("topic"));
        poll(consumer, 2);
        var process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = process.getProcessCpuTime();
        long begun = System.nanoTime();
        poll(consumer, 5);
        System.out.println(100 * (process.getProcessCpuTime() - cpu) / (System.nanoTime() - begun));
        System.exit(0);
    }

    static void poll(KafkaShareConsumer<byte[], byte[]> consumer, int seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            consumer.poll(Duration.ofMillis(500));
        }
    }
}
JAVA

percent() {
  mkdir -p "$1"
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact=org.apache.kafka:kafka-clients:"$1" -DoutputDirectory="$work/$1" >/dev/null
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact=org.slf4j:slf4j-api:2.0.17 -DoutputDirectory="$work/$1" >/dev/null
  java -cp "$work/$1/*" Idle.java 2>/dev/null | tail -n 1
}

old=$(percent 4.2.1)
new=$(percent 4.4.0)
echo "kafka-clients 4.2.1: $old % of a core; 4.4.0: $new %"
[ "$old" -ge 40 ] && [ "$new" -le 25 ]
