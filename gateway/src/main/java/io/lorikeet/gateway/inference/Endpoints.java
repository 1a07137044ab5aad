package io.lorikeet.gateway.inference;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Where replicas are: behind each address of each host that is configured. A headless Service of Kubernetes, or a scaled
 * service of Compose, is a name with an address for each of its replicas.
 */
final class Endpoints {
    private static final Logger LOG = Logger.getLogger(Endpoints.class);

    /** Looks a host up. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private final List<URI> urls;
    private final Resolver resolver;
    private final Map<URI, List<String>> known = new HashMap<>();

    Endpoints(List<URI> urls, Resolver resolver) {
        this.urls = urls;
        this.resolver = resolver;
    }

    /** All of them now, in order. Blocks. What a name had stays while it cannot be looked up. */
    synchronized List<Endpoint> find() {
        var all = new ArrayList<Endpoint>();
        for (var url : urls) {
            try {
                known.put(url, addresses(resolver.resolve(url.getHost())));
            } catch (UnknownHostException _) {
                if (known.putIfAbsent(url, List.of(url.getHost())) == null) {
                    LOG.warnf(
                            "the inference service's name %s has no address yet; it is looked up again", url.getHost());
                }
            }
            known.get(url).forEach(address -> all.add(new Endpoint(url, address)));
        }
        return all.stream().distinct().toList();
    }

    /** Of one family: on a machine with two, both lead to the same replica. */
    private static List<String> addresses(InetAddress[] found) {
        Predicate<InetAddress> sameFamily = address -> address.getClass() == found[0].getClass();
        return Arrays.stream(found)
                .filter(sameFamily)
                .map(InetAddress::getHostAddress)
                .sorted()
                .toList();
    }
}
