/** What the trainer says: {@link io.lorikeet.trainer.events.EventPublisher} sends training and checkpoint events. */
package io.lorikeet.trainer.events;
