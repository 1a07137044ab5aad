package io.lorikeet.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;

/** Reads the body of a request. */
public final class JsonBody {
    private JsonBody() {}

    /**
     * The one JSON object that a body must be.
     *
     * @param subject what is read, for the message
     * @param example what would be right
     * @throws ContractException if it is anything else
     */
    public static ObjectNode object(byte[] body, String subject, String example) {
        if (Json.parse(body, subject) instanceof ObjectNode object) {
            return object;
        }
        throw new ContractException(subject, new Problem("", "is no JSON object", example));
    }
}
