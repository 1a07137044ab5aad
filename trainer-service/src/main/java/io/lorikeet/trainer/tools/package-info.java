/** What a person runs on files of his own, without Kafka: train, validate, merge. */
package io.lorikeet.trainer.tools;
