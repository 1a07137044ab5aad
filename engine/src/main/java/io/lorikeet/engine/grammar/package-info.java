/**
 * Constrained decoding: a language of bytes that an answer has to belong to, and which tokens can come next in it.
 *
 * <p>{@link io.lorikeet.engine.grammar.JsonSchema} and {@link io.lorikeet.engine.grammar.ToolCalls} write a {@link
 * io.lorikeet.engine.grammar.Grammar}: rules of {@link io.lorikeet.engine.grammar.Expression}s, which call each other. Their
 * {@link io.lorikeet.engine.grammar.Node}s are a pushdown automaton without ambiguity's cost: {@link
 * io.lorikeet.engine.grammar.Automaton} follows all ways at once and makes a state of them when it is first reached. {@link
 * io.lorikeet.engine.grammar.TokenMasks} walks the {@link io.lorikeet.engine.grammar.Vocabulary}, a tree of the tokens' bytes,
 * to see which tokens a state allows, and keeps what it found. {@link io.lorikeet.engine.grammar.Constraint} is one answer on
 * its way through.
 */
package io.lorikeet.engine.grammar;
