package io.lorikeet.http;

import io.netty.util.NetUtil;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Under which names the service answers. Whoever owns a name can make it point at this machine, and a browser takes a page of
 * that name for one of ours; an address cannot be made to point elsewhere.
 */
final class AllowedHosts {
    private static final String ANY = "*";
    private static final String LOCALHOST = "localhost";

    private final Set<String> names;

    AllowedHosts(List<String> names) {
        this.names = names.stream().map(AllowedHosts::lower).collect(Collectors.toUnmodifiableSet());
    }

    boolean allows(HostAndPort authority) {
        var host = lower(authority.host());
        return names.contains(ANY)
                || host.equals(LOCALHOST)
                || NetUtil.isValidIpV4Address(host)
                || NetUtil.isValidIpV6Address(host)
                || names.contains(host);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
