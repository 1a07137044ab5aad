# syntax=docker/dockerfile:1
# The inference service. Built by deploy/build-images from the project's root: docker build -f deploy/docker/inference.Dockerfile .
ARG RUNTIME=eclipse-temurin:25-jre-noble

FROM maven:3-eclipse-temurin-25-noble AS build
WORKDIR /src
COPY . .
# Maven profiles: "cuda" brings the GPU libraries instead of the CPU ones.
ARG MAVEN_PROFILES=
RUN --mount=type=cache,target=/root/.m2 mvn -B -q ${MAVEN_PROFILES:+-P $MAVEN_PROFILES} -Dmaven.test.skip=true -Dspotless.check.skip=true -pl inference-service -am package
# The native libraries are unpacked here, so that nothing is unpacked or downloaded when a container starts.
# DJL unpacks them for their owner alone, and that is root here.
# Says which build of PyTorch that is where no GPU tells it: "cu128" beside the profile "cuda".
ARG FLAVOR=
ENV DJL_CACHE_DIR=/natives OPT_OUT_TRACKING=true
RUN ${FLAVOR:+env PYTORCH_FLAVOR=$FLAVOR} java --enable-native-access=ALL-UNNAMED -Dai.djl.offline=true -cp "/src/inference-service/target/quarkus-app/lib/main/*" io.lorikeet.engine.program.NativeLibraries && chmod -R a+rX "$DJL_CACHE_DIR"

# Kafka's codecs, so that nothing is unpacked when a container starts.
RUN deploy/docker/unpack-codecs /src/inference-service/target/quarkus-app/lib/main /codecs

FROM ${RUNTIME}
RUN groupadd --gid 10001 lorikeet && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin lorikeet \
    && install -d -o 10001 -g 10001 /adapters /share
COPY deploy/docker/healthcheck /usr/local/bin/healthcheck
COPY --from=build /src/inference-service/target/quarkus-app /app
COPY --from=build /src/inference-service/target/sbom.json /app/sbom.json
COPY --from=build /codecs /codecs
COPY --from=build /natives /natives
USER 10001:10001
WORKDIR /app
ENV QUARKUS_LOG_CONSOLE_JSON_ENABLED=true \
    DJL_CACHE_DIR=/natives \
    OPT_OUT_TRACKING=true \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
EXPOSE 8001 9001
HEALTHCHECK --interval=5s --timeout=5s --start-period=300s --retries=3 CMD ["/usr/local/bin/healthcheck", "9001"]
ENTRYPOINT ["java", "-DZstdNativePath=/codecs/libzstd-jni.so", "-Dorg.xerial.snappy.lib.path=/codecs", "--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true", "-XX:MaxRAMPercentage=25", "-XX:+ExitOnOutOfMemoryError", "-jar", "/app/quarkus-run.jar"]
