package io.lorikeet.http;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** Clients that go before their answer is whole: 499 in metrics, as nginx has it, and no defect. */
final class HungUp {
    /** Nobody is there to read it. */
    static final int STATUS = 499;

    private static final Logger LOG = Logger.getLogger(HungUp.class);

    /** As Quarkus counts them. */
    private static final Tag RESET = Tag.of("status", "RESET");

    /** Looks out for the end of a request. */
    static void watch(RoutingContext context) {
        context.addEndHandler(ended -> {
            var response = context.response();
            if (ended.failed() && !response.ended()) {
                LOG.debugf(
                        "the client of request %s has closed it",
                        RequestContext.id().orElse("without id"));
                if (!response.headWritten()) {
                    response.setStatusCode(STATUS);
                }
            }
        });
    }

    @Produces
    @Singleton
    MeterFilter counted() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.getName().equals("http.server.requests")
                                && id.getTags().contains(RESET)
                        ? id.replaceTags(Tags.concat(id.getTags(), "status", Integer.toString(STATUS)))
                        : id;
            }
        };
    }
}
