#!/usr/bin/env bash
# Guess:    an HTTP client that two event loops share, with a free connection on each of them, gives a request that of the loop
#           which makes it, so that a request and its answer stay on one thread.
# Found:    the pool gives any of them: which loop asks makes no difference, and about half of the requests are read and
#           written by the other loop. Whoever wants them on one thread needs a client for each loop.
# Versions: io.vertx:vertx-core 4.5.27, JDK 17 or newer.
# Source:   the threads of the request and of its connection, printed below.
# Needs:    java, mvn. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >Loops.java <<'JAVA'
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

class Loops {
    static final int ROUNDS = 50;
    static final Map<HttpConnection, String> LOOP_OF = new ConcurrentHashMap<>();

    public static void main(String[] args) throws Exception {
        var server = Vertx.vertx();
        int port = server.createHttpServer()
                .requestHandler(request -> server.setTimer(20, timer -> request.response().end("done")))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .actualPort();
        var vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        var client = vertx.httpClientBuilder()
                .withConnectHandler(connection -> LOOP_OF.put(connection, Thread.currentThread().getName()))
                .build();
        Context one = context(vertx);
        Context other = context(vertx);
        // both at once, so each opens a connection on its own loop
        var first = ask(client, one, port);
        var second = ask(client, other, port);
        System.out.println("connections are on the loops of those who opened them: "
                + (first.get(10, TimeUnit.SECONDS) & second.get(10, TimeUnit.SECONDS)) + ", " + LOOP_OF.values());
        // now one after the other, both connections being free
        int own = 0;
        for (int i = 0; i < ROUNDS; i++) {
            own += ask(client, one, port).get(10, TimeUnit.SECONDS) ? 1 : 0;
            own += ask(client, other, port).get(10, TimeUnit.SECONDS) ? 1 : 0;
        }
        System.out.println(own + " of " + 2 * ROUNDS + " requests had the connection of their own loop");
        System.exit(LOOP_OF.size() == 2 && own < 2 * ROUNDS ? 0 : 1);
    }

    /** One for each thread that asks for it, and so each on a loop of its own. */
    static Context context(Vertx vertx) throws Exception {
        return CompletableFuture.supplyAsync(vertx::getOrCreateContext, task -> new Thread(task).start()).get();
    }

    /** Whether a request has a connection of the loop that makes it. */
    static CompletableFuture<Boolean> ask(HttpClient client, Context context, int port) {
        var same = new CompletableFuture<Boolean>();
        context.runOnContext(start -> {
            var here = Thread.currentThread().getName();
            var used = new AtomicReference<HttpConnection>();
            client.request(HttpMethod.GET, port, "127.0.0.1", "/")
                    .compose(request -> {
                        used.set(request.connection());
                        return request.send();
                    })
                    .compose(response -> response.body())
                    .onSuccess(body -> context.runOnContext(end -> same.complete(here.equals(LOOP_OF.get(used.get())))))
                    .onFailure(same::completeExceptionally);
        });
        return same;
    }
}
JAVA
cat >pom.xml <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>loops</artifactId>
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
java -cp "$(cat classpath)" Loops.java
