package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Node.Branch;
import io.lorikeet.engine.jinja.Node.Expression;
import io.lorikeet.engine.jinja.Node.NameTarget;
import io.lorikeet.engine.jinja.Node.NamespaceTarget;
import io.lorikeet.engine.jinja.Node.Parameter;
import io.lorikeet.engine.jinja.Node.Statement;
import io.lorikeet.engine.jinja.Node.Target;
import io.lorikeet.engine.jinja.Node.TupleTarget;
import io.lorikeet.engine.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The statements of a template. Whatever Jinja has and this has not is refused here, by name and line. */
final class Parser {
    private final Tokens tokens;
    private final ExpressionParser expressions;
    /** How many loops we are in. */
    private int loops;

    private Parser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String source) {
        var parser = new Parser(new Tokens(Lexer.tokens(source)));
        List<Statement> statements = parser.statements(Set.of());
        if (parser.tokens.peek().kind() != Kind.END) {
            throw parser.tokens.error("unexpected " + parser.tokens.peek().describe());
        }
        parser.expressions.checkCalls();
        return statements;
    }

    /** Up to a tag of one of these names, which is left to the caller, or to the end. */
    private List<Statement> statements(Set<String> ends) {
        List<Statement> out = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            switch (token.kind()) {
                case DATA -> out.add(new Node.Data(Text.literal(tokens.next().text())));
                case OUTPUT_BEGIN -> {
                    tokens.next();
                    Expression value = expressions.printed();
                    tokens.expect(Kind.OUTPUT_END);
                    out.add(new Node.Output(value, token.line()));
                }
                case BLOCK_BEGIN -> {
                    if (ends.contains(tokens.peek(1).text())) {
                        return out;
                    }
                    tokens.next();
                    tokens.enter();
                    out.addAll(statement());
                    tokens.leave();
                }
                case END, OUTPUT_END, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR -> {
                    return out;
                }
            }
        }
    }

    private List<Statement> statement() {
        Token tag = tokens.expect(Kind.NAME);
        return switch (tag.text()) {
            case "if" -> List.of(conditional(tag.line()));
            case "for" -> List.of(loop(tag.line()));
            case "set" -> List.of(set(tag.line()));
            case "macro" -> List.of(macro());
            case "break", "continue" -> {
                if (loops == 0) {
                    throw tokens.error(tag.text() + " outside of a loop");
                }
                tokens.expect(Kind.BLOCK_END);
                yield List.of(new Node.Jump(tag.text().equals("break")));
            }
            // Transformers' own tag around what an assistant says; it writes nothing itself.
            case "generation" -> {
                tokens.expect(Kind.BLOCK_END);
                List<Statement> body = statements(Set.of("endgeneration"));
                end();
                yield body;
            }
            default -> throw tokens.error("the tag '" + tag.text() + "' is not supported in a chat template");
        };
    }

    private Statement conditional(int line) {
        List<Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        Expression test = expressions.tuple();
        while (true) {
            tokens.expect(Kind.BLOCK_END);
            branches.add(new Branch(test, statements(Set.of("elif", "else", "endif")), line));
            switch (endTag()) {
                case "elif" -> test = expressions.tuple();
                case "else" -> {
                    tokens.expect(Kind.BLOCK_END);
                    otherwise = statements(Set.of("endif"));
                    end();
                    return new Node.If(branches, otherwise);
                }
                default -> {
                    tokens.expect(Kind.BLOCK_END);
                    return new Node.If(branches, otherwise);
                }
            }
        }
    }

    private Statement loop(int line) {
        Target target = target();
        tokens.expect(Kind.NAME, "in");
        Expression items = expressions.tupleWithoutConditional();
        Optional<Expression> condition =
                tokens.skip(Kind.NAME, "if") ? Optional.of(expressions.expression()) : Optional.empty();
        if (tokens.peek().is(Kind.NAME, "recursive")) {
            throw tokens.error("a recursive loop is not supported in a chat template");
        }
        tokens.expect(Kind.BLOCK_END);
        loops++;
        List<Statement> body = statements(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = List.of();
        if (endTag().equals("else")) {
            tokens.expect(Kind.BLOCK_END);
            otherwise = statements(Set.of("endfor"));
            end();
        } else {
            tokens.expect(Kind.BLOCK_END);
        }
        return new Node.For(target, items, condition, body, otherwise, line);
    }

    private Statement set(int line) {
        Target target = target();
        if (tokens.skip(Kind.OPERATOR, "=")) {
            Expression value = expressions.tuple();
            tokens.expect(Kind.BLOCK_END);
            return new Node.Set(target, value, line);
        }
        if (tokens.peek().is(Kind.OPERATOR, "|")) {
            throw tokens.error("a filter on a block set is not supported in a chat template");
        }
        tokens.expect(Kind.BLOCK_END);
        List<Statement> body = statements(Set.of("endset"));
        end();
        return new Node.SetBlock(target, body, line);
    }

    private Statement macro() {
        String name = tokens.expect(Kind.NAME).text();
        expressions.assigned(name);
        List<Parameter> parameters = new ArrayList<>();
        tokens.expect(Kind.OPERATOR, "(");
        while (!tokens.skip(Kind.OPERATOR, ")")) {
            if (!parameters.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
            }
            String parameter = tokens.expect(Kind.NAME).text();
            expressions.assigned(parameter);
            parameters.add(new Parameter(
                    parameter,
                    tokens.skip(Kind.OPERATOR, "=") ? Optional.of(expressions.expression()) : Optional.empty()));
        }
        tokens.expect(Kind.BLOCK_END);
        int outer = loops;
        loops = 0;
        List<Statement> body = statements(Set.of("endmacro"));
        loops = outer;
        end();
        return new Node.Macro(name, parameters, body);
    }

    private Target target() {
        List<Target> targets = new ArrayList<>();
        do {
            if (!targets.isEmpty() && !isTarget(tokens.peek())) {
                break;
            }
            targets.add(oneTarget());
        } while (tokens.skip(Kind.OPERATOR, ","));
        return targets.size() == 1 ? targets.getFirst() : new TupleTarget(targets);
    }

    private static boolean isTarget(Token token) {
        return token.kind() == Kind.NAME ? !token.text().equals("in") : token.is(Kind.OPERATOR, "(");
    }

    private Target oneTarget() {
        if (tokens.skip(Kind.OPERATOR, "(")) {
            Target inner = target();
            tokens.expect(Kind.OPERATOR, ")");
            return inner;
        }
        String name = tokens.expect(Kind.NAME).text();
        if (tokens.skip(Kind.OPERATOR, ".")) {
            return new NamespaceTarget(name, tokens.expect(Kind.NAME).text());
        }
        expressions.assigned(name);
        return new NameTarget(name);
    }

    /** Reads the begin of a closing tag and its name. */
    private String endTag() {
        if (tokens.peek().kind() == Kind.END) {
            throw tokens.error("a tag is not closed");
        }
        tokens.expect(Kind.BLOCK_BEGIN);
        return tokens.expect(Kind.NAME).text();
    }

    private void end() {
        endTag();
        tokens.expect(Kind.BLOCK_END);
    }

    /** The tokens, read from the front. */
    static final class Tokens {
        /** Deeper nesting than any template has, and less than the stack holds. */
        private static final int MAX_DEPTH = 200;

        private final List<Token> tokens;
        private int position;
        private int depth;

        Tokens(List<Token> tokens) {
            this.tokens = tokens;
        }

        Token peek() {
            return peek(0);
        }

        Token peek(int ahead) {
            return tokens.get(Math.min(position + ahead, tokens.size() - 1));
        }

        Token next() {
            Token token = peek();
            position++;
            return token;
        }

        boolean skip(Kind kind, String text) {
            boolean found = peek().is(kind, text);
            if (found) {
                position++;
            }
            return found;
        }

        Token expect(Kind kind) {
            return expect(token -> token.kind() == kind, kind.name().toLowerCase(java.util.Locale.ROOT));
        }

        Token expect(Kind kind, String text) {
            return expect(token -> token.is(kind, text), "'" + text + "'");
        }

        private Token expect(Predicate<Token> wanted, String name) {
            if (!wanted.test(peek())) {
                throw error("expected " + name + ", found " + peek().describe());
            }
            return next();
        }

        void enter() {
            if (++depth > MAX_DEPTH) {
                throw error("nested too deep");
            }
        }

        void leave() {
            depth--;
        }

        TemplateException error(String what) {
            return new TemplateException("line " + peek().line() + ": " + what);
        }
    }
}
