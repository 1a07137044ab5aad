/**
 * Canaries: a version that answers a share of its adapter's requests. {@link io.lorikeet.gateway.canary.Canaries} is the one that
 * decides, by what {@link io.lorikeet.gateway.canary.Tally} has counted, {@link io.lorikeet.gateway.canary.LiveQuestions} has
 * asked and {@link io.lorikeet.gateway.canary.Judge} says; its decisions are events on the topic of checkpoints.
 */
package io.lorikeet.gateway.canary;
