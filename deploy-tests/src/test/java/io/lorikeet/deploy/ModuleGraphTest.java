package io.lorikeet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ModuleGraphTest {
    @Test
    void thePictureIsThatOfThePoms() throws IOException {
        assertThat(Files.readString(Project.path(ModuleGraph.PICTURE)))
                .as(
                        "%s; `java deploy-tests/src/test/java/io/lorikeet/deploy/ModuleGraph.java` writes it anew",
                        ModuleGraph.PICTURE)
                .isEqualTo(ModuleGraph.svg(Project.ROOT));
    }
}
