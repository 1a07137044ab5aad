package io.lorikeet.contracts.shape;

/** A component of a record: a field of its own, or a group whose fields stand flat beside it. */
public sealed interface Member permits Field, RecordShape {}
