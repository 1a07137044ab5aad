package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A trainer and a replica on one card see one directory. */
class OneCardOverlayTest {
    @Test
    void bothHaveTheNodesDirectoryAndSayThatTheyShareThere() {
        String rendered = Tool.run("kubectl", "kustomize", "deploy/kubernetes/overlays/gpu-one-card")
                .orThrow();

        assertThat(rendered.split("mountPath: /share\n", -1)).hasSize(3);
        assertThat(rendered.split("path: /run/lorikeet\n", -1)).hasSize(3);
        assertThat(rendered.split("LORIKEET_BASE_SHARE: /share\n", -1)).hasSize(3);
        assertThat(rendered)
                .contains("podAffinity")
                .doesNotContain("hostIPC: true")
                .doesNotContain("hostPID: true");
    }
}
