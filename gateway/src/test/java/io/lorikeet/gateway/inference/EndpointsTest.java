package io.lorikeet.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointsTest {
    private static final URI LEFT = URI.create("http://left:8001");
    private static final URI RIGHT = URI.create("http://right");

    private final Map<String, List<String>> names = new HashMap<>();
    private final Endpoints endpoints = new Endpoints(List.of(LEFT, RIGHT), this::resolve);

    private InetAddress[] resolve(String host) throws UnknownHostException {
        if (!names.containsKey(host)) {
            throw new UnknownHostException(host);
        }
        var addresses = names.get(host);
        var found = new InetAddress[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.getByName(addresses.get(i));
        }
        return found;
    }

    @Test
    void eachAddressOfEachNameIsAReplica() {
        names.put("left", List.of("10.0.0.2", "10.0.0.1"));
        names.put("right", List.of("10.0.0.9"));

        assertThat(endpoints.find())
                .containsExactly(
                        new Endpoint(LEFT, "10.0.0.1"),
                        new Endpoint(LEFT, "10.0.0.2"),
                        new Endpoint(RIGHT, "10.0.0.9"));
        assertThat(endpoints.find()).extracting(Endpoint::toString).contains("10.0.0.1:8001", "10.0.0.9:80");
    }

    @Test
    void bothFamiliesOfAMachineAreOneReplica() {
        names.put("left", List.of("10.0.0.1", "fd00::1"));
        names.put("right", List.of("fd00::2", "10.0.0.2"));

        assertThat(endpoints.find())
                .extracting(Endpoint::toString)
                .containsExactly("10.0.0.1:8001", "[fd00:0:0:0:0:0:0:2]:80");
    }

    @Test
    void aNameKeepsItsAddressesWhileItCannotBeLookedUp() {
        names.put("left", List.of("10.0.0.1"));
        endpoints.find();
        names.clear();

        assertThat(endpoints.find()).containsExactly(new Endpoint(LEFT, "10.0.0.1"), new Endpoint(RIGHT, "right"));
    }
}
