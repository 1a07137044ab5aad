package io.lorikeet.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * The modules and their dependencies on each other, drawn from the poms. {@link #main} writes the picture of
 * docs/architecture.md; {@code ModuleGraphTest} compares it.
 */
final class ModuleGraph {
    static final String PICTURE = "docs/images/modules.svg";

    private static final int WIDTH = 960;
    private static final int BOX_WIDTH = 160;
    private static final int BOX_HEIGHT = 40;
    private static final int LAYER_HEIGHT = 110;
    private static final int MARGIN = 30;

    /** What each module depends on; in the order of the root pom. */
    private final Map<String, List<Dependency>> modules = new LinkedHashMap<>();

    /** @param loose for tests only, or as a process, not as classes */
    private record Dependency(String module, boolean loose) {}

    private record Point(int x, int y) {}

    private ModuleGraph(Path project) throws IOException {
        for (Element module : elements(pom(project), "module")) {
            modules.put(module.getTextContent(), new ArrayList<>());
        }
        for (var module : modules.entrySet()) {
            for (Element dependency : elements(pom(project.resolve(module.getKey())), "dependency")) {
                String name = text(dependency, "artifactId");
                if (modules.containsKey(name)) {
                    String scope = text(dependency, "scope");
                    module.getValue().add(new Dependency(name, scope.equals("test") || scope.equals("provided")));
                }
            }
        }
    }

    /** The picture, as SVG. */
    static String svg(Path project) throws IOException {
        return new ModuleGraph(project).draw();
    }

    /** Writes the picture of the project in the working directory. */
    static void main() throws IOException {
        Path project = Path.of("");
        Files.writeString(project.resolve(PICTURE), svg(project));
    }

    private String draw() {
        Map<Integer, List<String>> layers = new TreeMap<>();
        for (String module : modules.keySet()) {
            layers.computeIfAbsent(layer(module), _ -> new ArrayList<>()).add(module);
        }
        int columns = layers.values().stream().mapToInt(List::size).max().orElseThrow();
        Map<String, Point> places = new LinkedHashMap<>();
        layers.forEach((layer, names) -> {
            for (int i = 0; i < names.size(); i++) {
                int x = names.size() == 1 ? WIDTH / 2 : WIDTH * (2 * i + 1) / (2 * columns);
                places.put(names.get(i), new Point(x, MARGIN + layer * LAYER_HEIGHT));
            }
        });
        int height = 2 * MARGIN + (layers.size() - 1) * LAYER_HEIGHT + BOX_HEIGHT;
        var svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
                font-family="Inter, Helvetica, Arial, sans-serif" font-size="14">
                  <title>Lorikeet's modules: an arrow leads to what a module depends on</title>
                  <defs><marker id="to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" \
                orient="auto"><path d="M0 0 10 5 0 10z" fill="#334155"/></marker></defs>
                  <rect width="%1$d" height="%2$d" fill="#ffffff"/>
                """.formatted(WIDTH, height));
        modules.forEach((module, dependencies) -> dependencies.stream()
                .filter(dependency -> !isImplied(module, dependency))
                .forEach(dependency ->
                        svg.append(arrow(places.get(module), places.get(dependency.module), dependency))));
        places.forEach((module, place) -> svg.append(box(module, place)));
        return svg.append("</svg>\n").toString();
    }

    /** The layer right below the lowest module that depends on it; 0 if none does. */
    private int layer(String module) {
        return modules.keySet().stream()
                .filter(other -> modules.get(other).stream().anyMatch(dependency -> dependency.module.equals(module)))
                .mapToInt(other -> 1 + layer(other))
                .max()
                .orElse(0);
    }

    /** Whether another dependency brings it along, so that its arrow would say nothing new. */
    private boolean isImplied(String module, Dependency dependency) {
        return modules.get(module).stream()
                .filter(other -> !other.equals(dependency))
                .anyMatch(other -> reaches(other.module, dependency.module));
    }

    private boolean reaches(String from, String to) {
        return modules.get(from).stream()
                .map(Dependency::module)
                .anyMatch(next -> next.equals(to) || reaches(next, to));
    }

    private static String arrow(Point from, Point to, Dependency dependency) {
        return """
                  <path d="M%d %dL%d %d" fill="none" stroke="#334155"%s marker-end="url(#to)"/>
                """.formatted(
                        from.x, from.y + BOX_HEIGHT, to.x, to.y, dependency.loose ? " stroke-dasharray=\"5 4\"" : "");
    }

    private static String box(String module, Point place) {
        return """
                  <rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="#f1f5f9" stroke="#334155"/>
                  <text x="%d" y="%d" text-anchor="middle" fill="#0f172a">%s</text>
                """.formatted(
                place.x - BOX_WIDTH / 2, place.y, BOX_WIDTH, BOX_HEIGHT, place.x, place.y + BOX_HEIGHT / 2 + 5, module);
    }

    private static Element pom(Path folder) throws IOException {
        Path pom = folder.resolve("pom.xml");
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(pom.toFile())
                    .getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(pom + ": " + e.getMessage(), e);
        }
    }

    private static List<Element> elements(Element parent, String tag) {
        var nodes = parent.getElementsByTagName(tag);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .map(Element.class::cast)
                .toList();
    }

    /** The text of a direct child; empty if there is none. */
    private static String text(Element parent, String tag) {
        return Stream.iterate(parent.getFirstChild(), node -> node != null, Node::getNextSibling)
                .filter(node -> node.getNodeName().equals(tag))
                .map(Node::getTextContent)
                .findFirst()
                .orElse("");
    }
}
