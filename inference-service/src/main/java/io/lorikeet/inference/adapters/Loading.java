package io.lorikeet.inference.adapters;

/**
 * A version on its way in.
 *
 * @param detail what it waits for; null while it is being read
 */
public record Loading(String adapter, String version, String detail) {}
