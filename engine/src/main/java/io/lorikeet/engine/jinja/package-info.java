/**
 * Jinja, as transformers renders chat templates with it: {@link io.lorikeet.engine.jinja.Template} parses and renders. Values
 * are Python's ({@link io.lorikeet.engine.jinja.Value}), with one thing added: every character of a
 * {@link io.lorikeet.engine.jinja.Text} knows whether the template wrote it or where from outside it came. What is not known
 * here is refused when a template is parsed. docs/adr/0013 says why it is our own.
 */
package io.lorikeet.engine.jinja;
