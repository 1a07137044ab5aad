/**
 * What every service that speaks HTTP has in common. {@link io.lorikeet.http.Door} is passed by each request before any
 * route; {@link io.lorikeet.http.RequestContext} names it; {@link io.lorikeet.http.ApiError} is what any of them says when it
 * refuses.
 */
package io.lorikeet.http;
