package io.lorikeet.engine.program;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The module that Java calls. libtorch calls the methods of the outermost module alone, so it has those of its parts, each of
 * which hands its arguments on.
 */
final class RootModule {
    static final String FILE = "program";

    private static final Pattern METHOD =
            Pattern.compile("^ {2}def (\\w+)\\(self: [\\w.]+((?:, \\w+: [^,()]+)*)\\) -> (.+):$", Pattern.MULTILINE);
    private static final Pattern PARAMETER = Pattern.compile(", (\\w+): [^,()]+");

    private RootModule() {}

    /**
     * Its source.
     *
     * @param parts attribute and source file of each
     * @param sources by file
     */
    static String source(Map<String, String> parts, Map<String, String> sources) {
        var attributes = new StringBuilder();
        var methods = new StringBuilder();
        parts.forEach((attribute, file) -> {
            attributes.append("  %s : %s\n".formatted(attribute, type(file)));
            String module = sources.get(file);
            Matcher method = METHOD.matcher(module.substring(module.indexOf("(Module):")));
            while (method.find()) {
                String arguments = PARAMETER.matcher(method.group(2)).replaceAll(", $1");
                methods.append("  def %s(self: %s%s) -> %s:\n"
                        .formatted(method.group(1), type(FILE), method.group(2), method.group(3)));
                methods.append("    return (self.%s).%s(%s)\n"
                        .formatted(attribute, method.group(1), arguments.replaceFirst("^, ", "")));
            }
        });
        return "class Program(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n" + attributes
                + methods;
    }

    private static String type(String file) {
        return "__torch__.decoder." + file + "." + Character.toUpperCase(file.charAt(0)) + file.substring(1);
    }
}
