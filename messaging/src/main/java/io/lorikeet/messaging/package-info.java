/**
 * How a service knows a whole topic: {@link io.lorikeet.messaging.TopicFollower} reads it from the beginning and goes on
 * with what comes, hands each record to a {@link io.lorikeet.messaging.RecordHandler}, and tells
 * {@link io.lorikeet.messaging.TopicProgress} how far it is, which says whether all is known that stood there at start.
 * What nobody can read is counted by {@link io.lorikeet.messaging.UnreadableRecords} and passed over: no record can end a
 * reader.
 */
package io.lorikeet.messaging;
