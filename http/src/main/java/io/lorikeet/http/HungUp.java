package io.lorikeet.http;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** Clients that go before their answer is whole: 499, as nginx has it, in metrics and in the access log, and no defect. */
final class HungUp {
    /** Nobody is there to read it. */
    static final int STATUS = 499;

    /** Where the access log's pattern finds what a request was answered with. */
    private static final String ANSWERED = "answered";

    private static final Logger LOG = Logger.getLogger(HungUp.class);

    /** As Quarkus counts them. */
    private static final Tag RESET = Tag.of("status", "RESET");

    /** Looks out for the end of a request. */
    static void watch(RoutingContext context) {
        context.addEndHandler(ended -> {
            boolean gone = ended.failed() && !context.response().ended() && !BrokenResponse.is(context);
            if (gone) {
                LOG.debugf(
                        "the client of request %s has closed it",
                        RequestContext.id().orElse("without id"));
            }
            // a stream that has begun did so with 200
            int answered = gone ? STATUS : context.response().getStatusCode();
            context.put(ANSWERED, Integer.toString(answered));
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
