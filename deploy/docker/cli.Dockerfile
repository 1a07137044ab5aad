# syntax=docker/dockerfile:1
# The command line: lays out Kafka's topics, asks, trains. Built by deploy/build-images from the project's root.
ARG RUNTIME=eclipse-temurin:25-jre-noble

FROM maven:3-eclipse-temurin-25-noble AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 mvn -B -q -Dmaven.test.skip=true -Dspotless.check.skip=true -pl cli -am package

FROM ${RUNTIME}
RUN groupadd --gid 10001 lorikeet && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin lorikeet
COPY --from=build /src/cli/target/lorikeet-cli.jar /app/lorikeet-cli.jar
COPY --from=build /src/cli/target/lib /app/lib
COPY --from=build /src/cli/target/sbom.json /app/sbom.json
USER 10001:10001
WORKDIR /app
ENV LC_ALL=C.UTF-8
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=1", "-jar", "/app/lorikeet-cli.jar"]
