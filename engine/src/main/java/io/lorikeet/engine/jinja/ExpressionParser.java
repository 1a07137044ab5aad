package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Node.Args;
import io.lorikeet.engine.jinja.Node.Comparison;
import io.lorikeet.engine.jinja.Node.Const;
import io.lorikeet.engine.jinja.Node.Expression;
import io.lorikeet.engine.jinja.Node.Pair;
import io.lorikeet.engine.jinja.Parser.Tokens;
import io.lorikeet.engine.jinja.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Expressions, each method a level of precedence as Jinja has it. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final Tokens tokens;
    private final Set<String> assigned = new HashSet<>(Functions.NAMES);
    private final Map<String, Integer> calledInLine = new LinkedHashMap<>();

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** Says that the template itself gives this name a value. */
    void assigned(String name) {
        assigned.add(name);
    }

    /** Refuses a call of a function that nobody defines. */
    void checkCalls() {
        calledInLine.forEach((name, line) -> {
            if (!assigned.contains(name)) {
                throw new TemplateException(
                        "line " + line + ": the function '" + name + "' is not supported in a chat template");
            }
        });
    }

    /** What is printed. There {@code safe} changes nothing; elsewhere it would bring escaping with it. */
    Expression printed() {
        Expression value = tuple();
        return value instanceof Node.Filter(var inner, var name, var args)
                        && name.equals("safe")
                        && args.equals(Args.NONE)
                ? inner
                : value;
    }

    Expression tuple() {
        return tuple(true);
    }

    /** As after {@code in}, where an {@code if} is the loop's. */
    Expression tupleWithoutConditional() {
        return tuple(false);
    }

    private Expression tuple(boolean conditional) {
        List<Expression> items = new ArrayList<>();
        boolean tuple = false;
        while (true) {
            if (tuple && !beginsExpression()) {
                break;
            }
            items.add(conditional ? expression() : or());
            if (!tokens.skip(Kind.OPERATOR, ",")) {
                break;
            }
            tuple = true;
        }
        return tuple ? new Node.Items(items, true) : items.getFirst();
    }

    private boolean beginsExpression() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME, STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> Set.of("(", "[", "{", "-", "+").contains(token.text());
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }

    Expression expression() {
        tokens.enter();
        Expression value = or();
        while (tokens.skip(Kind.NAME, "if")) {
            Expression test = or();
            Optional<Expression> otherwise =
                    tokens.skip(Kind.NAME, "else") ? Optional.of(expression()) : Optional.empty();
            value = new Node.Conditional(test, value, otherwise);
        }
        tokens.leave();
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skip(Kind.NAME, "or")) {
            left = new Node.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skip(Kind.NAME, "and")) {
            left = new Node.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.skip(Kind.NAME, "not")) {
            return compare();
        }
        tokens.enter();
        Expression value = new Node.Not(not());
        tokens.leave();
        return value;
    }

    private Expression compare() {
        Expression first = sum();
        List<Comparison> rest = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                tokens.next();
                rest.add(new Comparison(token.text(), sum()));
            } else if (tokens.skip(Kind.NAME, "in")) {
                rest.add(new Comparison("in", sum()));
            } else if (token.is(Kind.NAME, "not") && tokens.peek(1).is(Kind.NAME, "in")) {
                tokens.next();
                tokens.next();
                rest.add(new Comparison("not in", sum()));
            } else {
                return rest.isEmpty() ? first : new Node.Compare(first, rest);
            }
        }
    }

    private Expression sum() {
        Expression left = concat();
        for (Optional<String> operator = oneOf("+", "-"); operator.isPresent(); operator = oneOf("+", "-")) {
            left = new Node.Binary(operator.get(), left, concat());
        }
        return left;
    }

    private Expression concat() {
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.skip(Kind.OPERATOR, "~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Node.Concat(parts);
    }

    private Expression product() {
        Expression left = power();
        for (Optional<String> operator = oneOf("*", "/", "//", "%");
                operator.isPresent();
                operator = oneOf("*", "/", "//", "%")) {
            left = new Node.Binary(operator.get(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skip(Kind.OPERATOR, "**")) {
            left = new Node.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean filters) {
        tokens.enter();
        Expression value = oneOf("-", "+")
                .<Expression>map(sign -> new Node.Sign(sign.equals("-"), unary(false)))
                .orElseGet(this::primary);
        value = postfix(value);
        if (filters) {
            value = filters(value);
        }
        tokens.leave();
        return value;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME ->
                switch (token.text()) {
                    case "true", "True" -> new Const(Value.Bool.TRUE);
                    case "false", "False" -> new Const(Value.Bool.FALSE);
                    case "none", "None" -> new Const(Value.None.NONE);
                    default -> new Node.Name(token.text());
                };
            case STRING -> {
                StringBuilder all = new StringBuilder(token.text());
                while (tokens.peek().kind() == Kind.STRING) {
                    all.append(tokens.next().text());
                }
                yield new Const(Text.literal(all.toString()));
            }
            case INTEGER -> new Const(integer(token.text().replace("_", "")));
            case FLOAT ->
                new Const(new Value.Real(Double.parseDouble(token.text().replace("_", ""))));
            case OPERATOR ->
                switch (token.text()) {
                    case "(" -> parenthesis();
                    case "[" -> new Node.Items(items("]"), false);
                    case "{" -> dict();
                    default -> throw unexpected(token);
                };
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> throw unexpected(token);
        };
    }

    private static Value integer(String digits) {
        return new Value.Int(
                digits.startsWith("0x") || digits.startsWith("0X")
                        ? new BigInteger(digits.substring(2), 16)
                        : new BigInteger(digits));
    }

    private TemplateException unexpected(Token token) {
        return new TemplateException("line " + token.line() + ": unexpected " + token.describe());
    }

    private Expression parenthesis() {
        if (tokens.skip(Kind.OPERATOR, ")")) {
            return new Node.Items(List.of(), true);
        }
        Expression inner = tuple();
        tokens.expect(Kind.OPERATOR, ")");
        return inner;
    }

    private List<Expression> items(String end) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skip(Kind.OPERATOR, end)) {
            if (!items.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
                if (tokens.skip(Kind.OPERATOR, end)) {
                    break;
                }
            }
            items.add(expression());
        }
        return items;
    }

    private Expression dict() {
        List<Pair> pairs = new ArrayList<>();
        while (!tokens.skip(Kind.OPERATOR, "}")) {
            if (!pairs.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
                if (tokens.skip(Kind.OPERATOR, "}")) {
                    break;
                }
            }
            Expression key = expression();
            tokens.expect(Kind.OPERATOR, ":");
            pairs.add(new Pair(key, expression()));
        }
        return new Node.DictOf(pairs);
    }

    private Expression postfix(Expression object) {
        Expression value = object;
        while (true) {
            if (tokens.skip(Kind.OPERATOR, ".")) {
                Token name = tokens.next();
                if (name.kind() == Kind.INTEGER) {
                    value = new Node.Item(value, new Const(integer(name.text())));
                } else if (name.kind() == Kind.NAME) {
                    value = new Node.Attribute(value, name.text());
                } else {
                    throw unexpected(name);
                }
            } else if (tokens.skip(Kind.OPERATOR, "[")) {
                value = subscript(value);
            } else if (tokens.peek().is(Kind.OPERATOR, "(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression object) {
        Optional<Expression> start =
                tokens.peek().is(Kind.OPERATOR, ":") ? Optional.empty() : Optional.of(expression());
        if (tokens.skip(Kind.OPERATOR, "]")) {
            return new Node.Item(object, start.orElseThrow());
        }
        tokens.expect(Kind.OPERATOR, ":");
        Optional<Expression> stop = bound();
        Optional<Expression> step = tokens.skip(Kind.OPERATOR, ":") ? bound() : Optional.empty();
        tokens.expect(Kind.OPERATOR, "]");
        return new Node.Slice(object, start, stop, step);
    }

    private Optional<Expression> bound() {
        Token token = tokens.peek();
        return token.is(Kind.OPERATOR, ":") || token.is(Kind.OPERATOR, "]")
                ? Optional.empty()
                : Optional.of(expression());
    }

    private Expression call(Expression callee) {
        int line = tokens.peek().line();
        if (callee instanceof Node.Name(var name)) {
            calledInLine.putIfAbsent(name, line);
        } else if (callee instanceof Node.Attribute(var _, var name) && !Methods.NAMES.contains(name)) {
            throw tokens.error("the method '" + name + "' is not supported in a chat template");
        }
        return new Node.Call(callee, args());
    }

    private Args args() {
        tokens.expect(Kind.OPERATOR, "(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.skip(Kind.OPERATOR, ")")) {
            if (!positional.isEmpty() || !named.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
                if (tokens.skip(Kind.OPERATOR, ")")) {
                    break;
                }
            }
            if (tokens.peek().kind() == Kind.NAME && tokens.peek(1).is(Kind.OPERATOR, "=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.error("an argument by place after one by name");
            }
        }
        return positional.isEmpty() && named.isEmpty() ? Args.NONE : new Args(positional, named);
    }

    private Expression filters(Expression value) {
        Expression out = value;
        while (true) {
            if (tokens.skip(Kind.OPERATOR, "|")) {
                out = filter(out);
            } else if (tokens.skip(Kind.NAME, "is")) {
                out = test(out);
            } else if (tokens.peek().is(Kind.OPERATOR, "(")) {
                out = call(out);
            } else {
                return out;
            }
        }
    }

    private Expression filter(Expression value) {
        Token name = tokens.expect(Kind.NAME);
        Args args = tokens.peek().is(Kind.OPERATOR, "(") ? args() : Args.NONE;
        boolean printedAsItIs = name.text().equals("safe") && (tokens.peek().kind() == Kind.OUTPUT_END);
        if (!Filters.NAMES.contains(name.text()) && !printedAsItIs) {
            throw new TemplateException(
                    "line " + name.line() + ": the filter '" + name.text() + "' is not supported in a chat template");
        }
        return new Node.Filter(value, name.text(), args);
    }

    private Expression test(Expression value) {
        boolean negated = tokens.skip(Kind.NAME, "not");
        Token name = tokens.expect(Kind.NAME);
        if (!Tests.NAMES.contains(name.text())) {
            throw new TemplateException(
                    "line " + name.line() + ": the test '" + name.text() + "' is not supported in a chat template");
        }
        Args args = Args.NONE;
        Token next = tokens.peek();
        if (next.is(Kind.OPERATOR, "(")) {
            args = args();
        } else if (next.kind() == Kind.NAME
                ? !Set.of("else", "or", "and", "is", "if", "in", "not").contains(next.text())
                : next.kind() == Kind.STRING
                        || next.kind() == Kind.INTEGER
                        || next.kind() == Kind.FLOAT
                        || next.is(Kind.OPERATOR, "[")
                        || next.is(Kind.OPERATOR, "{")) {
            args = new Args(List.of(postfix(primary())), Map.of());
        }
        Expression test = new Node.Test(value, name.text(), args);
        return negated ? new Node.Not(test) : test;
    }

    private Optional<String> oneOf(String... operators) {
        return Arrays.stream(operators)
                .filter(operator -> tokens.skip(Kind.OPERATOR, operator))
                .findFirst();
    }
}
