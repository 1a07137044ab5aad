# syntax=docker/dockerfile:1
# The small base model as an image, with the sums that a pod checks it by. Built from the project's folder models.
ARG RUNTIME=busybox:1.37
FROM ${RUNTIME} AS build
WORKDIR /models
COPY . .
RUN for model in *; do [ ! -d "$model" ] || (cd "$model" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + >SHA256SUMS); done

FROM ${RUNTIME}
COPY --from=build /models /models
USER 10001:10001
