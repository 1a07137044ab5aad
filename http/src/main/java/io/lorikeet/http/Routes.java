package io.lorikeet.http;

import io.lorikeet.contracts.Shown;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What there is to ask for, so that whoever asks wrongly can be told what would be right. */
@ApplicationScoped
class Routes {
    private static final Pattern PARAMETER = Pattern.compile("\\{[^/}]+}");

    private record Route(Pattern path, String method, List<String> consumes) {}

    private final List<Route> routes;

    Routes(BeanManager beans) {
        routes = beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .<Class<?>>map(bean -> bean.getBeanClass())
                .filter(type -> type.isAnnotationPresent(Path.class))
                .flatMap(Routes::of)
                .toList();
    }

    /** The methods that a path takes. */
    SortedSet<String> methods(String path) {
        return at(path).map(Route::method).collect(Collectors.toCollection(TreeSet::new));
    }

    /** What is wrong with the content type of a request. */
    String wrongType(String path, String method, String given) {
        var right = at(path).filter(route -> route.method().equals(method))
                .flatMap(route -> route.consumes().stream())
                .distinct()
                .collect(Collectors.joining(" or "));
        return "the body must come with the header content-type: " + (right.isEmpty() ? "application/json" : right)
                + (given == null ? ", and comes without one" : ", and comes as " + Shown.name(given));
    }

    /** What a body without a content type is answered with. */
    ApiError untyped(HttpServerRequest request) {
        return ApiError.of(415, wrongType(request.path(), request.method().name(), null));
    }

    private Stream<Route> at(String path) {
        return routes.stream().filter(route -> route.path().matcher(path).matches());
    }

    private static Stream<Route> of(Class<?> resource) {
        var root = resource.getAnnotation(Path.class).value();
        return Arrays.stream(resource.getMethods())
                .flatMap(method ->
                        verb(method)
                                .map(verb -> new Route(path(root, method), verb, consumes(resource, method)))
                                .stream());
    }

    private static Optional<String> verb(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .filter(verb -> verb != null)
                .map(HttpMethod::value)
                .findFirst();
    }

    private static Pattern path(String root, Method method) {
        var own = method.getAnnotation(Path.class);
        var whole = ("/" + root + (own == null ? "" : "/" + own.value())).replaceAll("/+", "/");
        return Pattern.compile(
                PARAMETER.splitAsStream(whole).map(Pattern::quote).collect(Collectors.joining("[^/]+"))
                        + (whole.endsWith("}") ? "[^/]+" : "")
                        + "/?");
    }

    private static List<String> consumes(Class<?> resource, Method method) {
        var own = method.getAnnotation(Consumes.class);
        var consumes = own == null ? resource.getAnnotation(Consumes.class) : own;
        return consumes == null ? List.of() : List.of(consumes.value());
    }
}
