#!/usr/bin/env bash
# Guess:    after HttpClientRequest.reset() on its own event loop, the caller still has the turn: what waits for the response
#           is told of the reset later, so a reason of one's own, given in the next line, comes first.
# Found:    reset() fails the response's future before it returns. Whoever listens has had "Stream reset" by then, and a reason
#           given after it is too late: give it before.
# Versions: io.vertx:vertx-core 4.5.27, JDK 17 or newer.
# Source:   the order of the two, printed below.
# Needs:    java, mvn. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >Reset.java <<'JAVA'
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class Reset {
    public static void main(String[] args) throws Exception {
        var vertx = Vertx.vertx();
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        var both = new CountDownLatch(2);
        vertx.createHttpServer()
                .requestHandler(request -> {}) // never answers
                .listen(0, "127.0.0.1")
                .compose(server -> vertx.createHttpClient()
                        .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/"))
                .onSuccess(request -> {
                    request.send().onFailure(e -> {
                        order.add("listener: " + e.getMessage());
                        both.countDown();
                    });
                    vertx.setTimer(200, timer -> {
                        request.reset();
                        order.add("after reset()");
                        both.countDown();
                    });
                });
        both.await(10, TimeUnit.SECONDS);
        order.forEach(System.out::println);
        System.exit(order.size() == 2 && order.get(0).startsWith("listener: Stream reset") ? 0 : 1);
    }
}
JAVA
cat >pom.xml <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>reset</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.vertx</groupId>
      <artifactId>vertx-core</artifactId>
      <version>4.5.27</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q dependency:build-classpath -Dmdep.outputFile=classpath
echo "vertx-core 4.5.27"
java -cp "$(cat classpath)" Reset.java
