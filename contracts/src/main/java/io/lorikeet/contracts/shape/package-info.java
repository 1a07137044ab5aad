/**
 * Strict reading of records from JSON, from one table a record: name, type, default, range and explanation of a field
 * stand in its {@link io.lorikeet.contracts.shape.Setting}. {@link io.lorikeet.contracts.shape.RecordShape} is the
 * table, {@link io.lorikeet.contracts.shape.FieldType} knows a type's JSON,
 * {@link io.lorikeet.contracts.shape.RecordReader} reads and collects problems,
 * {@link io.lorikeet.contracts.shape.RecordWriter} writes.
 */
package io.lorikeet.contracts.shape;
