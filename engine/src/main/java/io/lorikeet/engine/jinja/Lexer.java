package io.lorikeet.engine.jinja;

import io.lorikeet.engine.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes a source apart with the settings of transformers: trim_blocks and lstrip_blocks on, the last line end left out. */
final class Lexer {
    private static final Pattern BEGIN = Pattern.compile("\\{([{%#])([-+]?)");
    private static final Pattern BLOCK_END = Pattern.compile("(?U)\\+%\\}|-%\\}\\s*|%\\}\\n?");
    private static final Pattern OUTPUT_END = Pattern.compile("(?U)-\\}\\}\\s*|\\}\\}");
    private static final Pattern COMMENT_END = Pattern.compile("(?U)\\+#\\}|-#\\}\\s*|#\\}\\n?");
    private static final Pattern RAW_BEGIN = Pattern.compile("\\{%[-+]?\\s*raw\\s*(?:-%\\}\\s*|%\\})");
    private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
    private static final Pattern SPACE = Pattern.compile("(?U)\\s+");
    private static final Pattern FLOAT = Pattern.compile(
            "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER = Pattern.compile("0[xX][\\da-fA-F]+|\\d+(?:_\\d+)*");
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
    private static final Pattern OPERATOR = Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int line = 1;
    private String found = "";
    /** Whether what was read last ended a line. */
    private boolean lineStarts = true;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replaceAll("\\r\\n|\\r", "\n");
        var lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        Matcher begin = BEGIN.matcher(source);
        while (begin.find(position)) {
            boolean output = begin.group(1).equals("{");
            data(begin.start(), begin.group(2), !output);
            if (begin.group(1).equals("#")) {
                position = begin.end(1);
                Matcher end = COMMENT_END.matcher(source);
                if (!end.find(position)) {
                    throw error("a comment has no end");
                }
                advance(end.end());
            } else if (looksAt(RAW_BEGIN)) {
                advance(position + found.length());
                raw();
            } else {
                add(output ? Kind.OUTPUT_BEGIN : Kind.BLOCK_BEGIN, begin.group());
                advance(begin.end());
                expression(output);
            }
        }
        data(source.length(), "", false);
        add(Kind.END, "");
    }

    /** The text up to a tag, with the space taken away that the tag says. */
    private void data(int end, String sign, boolean block) {
        String text = source.substring(position, end);
        String kept = text;
        if (sign.equals("-")) {
            kept = text.substring(0, Python.trimmedEnd(text, Python::isSpace));
        } else if (block && sign.isEmpty()) {
            int lineBegin = text.lastIndexOf('\n') + 1;
            if ((lineBegin > 0 || lineStarts) && text.substring(lineBegin).isBlank()) {
                kept = text.substring(0, lineBegin);
            }
        }
        if (!kept.isEmpty()) {
            add(Kind.DATA, kept);
        }
        advance(end);
    }

    private void raw() {
        Matcher end = RAW_END.matcher(source);
        if (!end.find(position)) {
            throw error("raw has no endraw");
        }
        data(end.start(), end.group(1), true);
        advance(end.end());
    }

    private void expression(boolean output) {
        Deque<String> open = new ArrayDeque<>();
        Pattern end = output ? OUTPUT_END : BLOCK_END;
        while (position < source.length()) {
            if (open.isEmpty() && looksAt(end)) {
                add(output ? Kind.OUTPUT_END : Kind.BLOCK_END, found.strip());
                advance(position + found.length());
                return;
            }
            token(open);
        }
        throw error("a tag has no end");
    }

    private void token(Deque<String> open) {
        if (looksAt(SPACE)) {
            advance(position + found.length());
        } else if (looksAt(FLOAT)) {
            take(Kind.FLOAT);
        } else if (looksAt(INTEGER)) {
            take(Kind.INTEGER);
        } else if (looksAt(NAME)) {
            take(Kind.NAME);
        } else if (source.charAt(position) == '\'' || source.charAt(position) == '"') {
            string();
        } else if (looksAt(OPERATOR)) {
            switch (found) {
                case "(", "[", "{" -> open.push(found);
                case ")", "]", "}" -> {
                    if (open.isEmpty()) {
                        throw error("unexpected '" + found + "'");
                    }
                    open.pop();
                }
                default -> {}
            }
            take(Kind.OPERATOR);
        } else {
            throw error("unexpected '" + source.charAt(position) + "'");
        }
    }

    private void string() {
        char quote = source.charAt(position);
        int end = position + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw error("a string has no end");
        }
        add(Kind.STRING, Escapes.unescape(source.substring(position + 1, end)));
        advance(end + 1);
    }

    private void take(Kind kind) {
        add(kind, found);
        advance(position + found.length());
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line));
    }

    private void advance(int to) {
        if (to > position) {
            line += (int) source.substring(position, to)
                    .chars()
                    .filter(c -> c == '\n')
                    .count();
            lineStarts = source.charAt(to - 1) == '\n';
        }
        position = to;
    }

    /** Whether this stands here; then it is what was found. */
    private boolean looksAt(Pattern pattern) {
        Matcher matcher =
                pattern.matcher(source).region(position, source.length()).useTransparentBounds(true);
        boolean there = matcher.lookingAt();
        found = there ? matcher.group() : "";
        return there;
    }

    private TemplateException error(String what) {
        return new TemplateException("line " + line + ": " + what);
    }
}
