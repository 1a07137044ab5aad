package io.lorikeet.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortPlanTest {

    @Test
    void namesThePortInUseWhoHoldsItAndTheOptionForAnother() throws IOException {
        List<Integer> free = PortPlan.free(5);
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var plan =
                    new PortPlan(taken.getLocalPort(), free.get(0), free.get(1), free.get(2), free.get(3), free.get(4));

            assertThatThrownBy(plan::requireFree)
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()))
                    .hasMessageContaining("the gateway needs")
                    .hasMessageContaining("pid " + ProcessHandle.current().pid())
                    .hasMessageContaining("--gateway-port")
                    .hasMessageNotContaining("--broker-port");
        }
    }

    @Test
    void findsAWildcardListenerToo() throws IOException {
        List<Integer> free = PortPlan.free(5);
        try (var taken = new ServerSocket(0)) {
            var plan =
                    new PortPlan(free.get(0), free.get(1), free.get(2), free.get(3), free.get(4), taken.getLocalPort());

            assertThatThrownBy(plan::requireFree).hasMessageContaining("--broker-port");
        }
    }

    @Test
    void acceptsPortsThatAreFree() {
        PortPlan plan = PortPlan.free();

        plan.requireFree();

        assertThat(List.of(
                        plan.gateway(),
                        plan.gatewayManagement(),
                        plan.inference(),
                        plan.inferenceManagement(),
                        plan.trainer(),
                        plan.broker()))
                .doesNotHaveDuplicates();
    }

    @Test
    void refusesOnePortForTwo() {
        assertThatThrownBy(() -> new PortPlan(8000, 9000, 8000, 9001, 9002, 9092))
                .hasMessage("Port 8000 is given to both gateway and inference.");
    }
}
