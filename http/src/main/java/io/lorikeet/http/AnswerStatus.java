package io.lorikeet.http;

import io.quarkus.vertx.http.runtime.attribute.ExchangeAttribute;
import io.quarkus.vertx.http.runtime.attribute.ExchangeAttributeBuilder;
import io.quarkus.vertx.http.runtime.attribute.ReadOnlyAttributeException;
import io.vertx.ext.web.RoutingContext;

/** What the access log says that a request was answered with: 499 also if its client has gone from a stream that began with 200. */
public final class AnswerStatus implements ExchangeAttributeBuilder {
    private static final String TOKEN = "%{ANSWER_STATUS}";

    @Override
    public String name() {
        return "status of the whole answer";
    }

    @Override
    public ExchangeAttribute build(String token) {
        return token.equals(TOKEN) ? new Status() : null;
    }

    @Override
    public int priority() {
        return 0;
    }

    private static final class Status implements ExchangeAttribute {
        @Override
        public String readAttribute(RoutingContext context) {
            return Integer.toString(
                    HungUp.has(context)
                            ? HungUp.STATUS
                            : context.response().getStatusCode());
        }

        @Override
        public void writeAttribute(RoutingContext context, String value) throws ReadOnlyAttributeException {
            throw new ReadOnlyAttributeException();
        }
    }
}
