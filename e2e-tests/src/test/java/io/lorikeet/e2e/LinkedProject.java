package io.lorikeet.e2e;

import io.lorikeet.cli.stack.ProjectHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;

/** A project that is built, so that the launcher in it goes straight to the command. */
final class LinkedProject {

    private LinkedProject() {}

    /** Makes one of links and a copy of the launcher, which it returns. */
    static Path in(Path folder) throws IOException {
        Path home = ProjectHome.current().root();
        for (String name : List.of("pom.xml", "models", "examples")) {
            Files.createSymbolicLink(folder.resolve(name), home.resolve(name));
        }
        try (var modules = Files.list(home)) {
            for (Path module :
                    modules.filter(m -> Files.exists(m.resolve("pom.xml"))).toList()) {
                Files.createSymbolicLink(folder.resolve(module.getFileName()), module);
            }
        }
        Path stamp =
                Files.createFile(Files.createDirectory(folder.resolve("target")).resolve("lorikeet-built"));
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now()));
        return Files.copy(home.resolve("lorikeet"), folder.resolve("lorikeet"));
    }
}
