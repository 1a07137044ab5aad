# syntax=docker/dockerfile:1
# The gateway service. Built by deploy/build-images from the project's root: docker build -f deploy/docker/gateway.Dockerfile .
ARG RUNTIME=eclipse-temurin:25-jre-noble

FROM maven:3-eclipse-temurin-25-noble AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 mvn -B -q -Dmaven.test.skip=true -Dspotless.check.skip=true -pl gateway -am package

# Kafka's codecs, so that nothing is unpacked when a container starts.
RUN deploy/docker/unpack-codecs /src/gateway/target/quarkus-app/lib/main /codecs

FROM ${RUNTIME}
RUN groupadd --gid 10001 lorikeet && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin lorikeet \
    && install -d -o 10001 -g 10001 /data/uploads /adapters /state
COPY deploy/docker/healthcheck /usr/local/bin/healthcheck
COPY --from=build /src/gateway/target/quarkus-app /app
COPY --from=build /src/gateway/target/sbom.json /app/sbom.json
COPY --from=build /codecs /codecs
USER 10001:10001
WORKDIR /app
ENV QUARKUS_LOG_CONSOLE_JSON_ENABLED=true \
    LORIKEET_STATE_FOLDER=/state
EXPOSE 8000 9000
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/healthcheck", "9000"]
# Replicas that come and go are seen within seconds: the JVM would keep addresses for half a minute.
ENTRYPOINT ["java", "-Dsun.net.inetaddr.ttl=3", "-DZstdNativePath=/codecs/libzstd-jni.so", "-Dorg.xerial.snappy.lib.path=/codecs", "--enable-native-access=ALL-UNNAMED", "-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError", "-jar", "/app/quarkus-run.jar"]
