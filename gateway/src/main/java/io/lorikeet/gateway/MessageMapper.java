package io.lorikeet.gateway;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.contracts.Json;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Lets HTTP speak the same JSON as Kafka. */
final class MessageMapper {
    @Produces
    @Singleton
    ObjectMapper mapper() {
        return Json.mapper();
    }
}
