package io.lorikeet.engine.generation;

/** An adapter's name and the immutable version behind it. */
public record AdapterVersion(String name, String version) {}
