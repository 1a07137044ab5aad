/**
 * Who may do what. {@link io.lorikeet.gateway.access.KeyCheck} lets a request in or not; what it may reach beyond the gateway,
 * {@link io.lorikeet.gateway.access.Permissions} judges where it leaves: at the inference client and at the topics.
 */
package io.lorikeet.gateway.access;
