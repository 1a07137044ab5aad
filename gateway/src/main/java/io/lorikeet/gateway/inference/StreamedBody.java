package io.lorikeet.gateway.inference;

import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;

/**
 * A response body that is written as it comes, byte for byte.
 *
 * @param chunks cancelled when the client goes away
 */
public record StreamedBody(Multi<Buffer> chunks) {}
