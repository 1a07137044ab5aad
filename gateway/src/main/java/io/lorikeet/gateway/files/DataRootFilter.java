package io.lorikeet.gateway.files;

import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Says that there is no data root before a body is received for nothing. */
final class DataRootFilter {
    private final Uploads uploads;

    DataRootFilter(Uploads uploads) {
        this.uploads = uploads;
    }

    @NeedsDataRoot
    @ServerRequestFilter
    void filter(ContainerRequestContext request) {
        uploads.folder();
    }
}
