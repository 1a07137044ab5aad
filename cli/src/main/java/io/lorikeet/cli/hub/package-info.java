/**
 * Base models out of a hub: {@link io.lorikeet.cli.hub.Hub} knows the routes, {@link io.lorikeet.cli.hub.HubHttp} the
 * connection, {@link io.lorikeet.cli.hub.Download} one file and {@link io.lorikeet.cli.hub.ModelPull} a whole model.
 */
package io.lorikeet.cli.hub;
