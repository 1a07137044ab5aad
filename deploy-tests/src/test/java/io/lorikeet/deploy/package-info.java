/**
 * {@code deploy/} and {@code docker-compose.yml}, tried with real processes. {@link io.lorikeet.deploy.Compose} and {@link
 * io.lorikeet.deploy.Dockerfile} read what a container would get, {@link io.lorikeet.deploy.LocalContainers} starts it on
 * this machine.
 */
package io.lorikeet.deploy;
