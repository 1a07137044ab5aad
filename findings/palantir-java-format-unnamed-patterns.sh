#!/usr/bin/env bash
# Guess:    palantir-java-format, which formats switch patterns and records, takes a record pattern with
#           an unnamed component, which is final since Java 22 (JEP 456).
# Found:    javac compiles the file; the formatter, on the same JDK, refuses it where the component is a bare _ ("expected
#           token: '_'"), and takes the same file with a name instead.
# Versions: com.palantir.javaformat:palantir-java-format 2.85.0, JDK 22 or newer.
# Source:   the two files formatted, one after the other.
# Needs:    a JDK 22 or newer in JAVA_HOME, mvn. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version>
  <dependencies><dependency><groupId>com.palantir.javaformat</groupId><artifactId>palantir-java-format</artifactId><version>2.85.0</version></dependency></dependencies>
</project>
XML
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath -Dmdep.outputFile=classpath
source() {
  cat <<JAVA
class $1 {
    record Pair(int a, int b) {}

    int first(Object o) {
        return switch (o) {
            case Pair(int a, $2) -> a;
            default -> 0;
        };
    }
}
JAVA
}
source Unnamed _ >Unnamed.java
source Named 'int b' >Named.java
cat >Format.java <<'JAVA'
import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.nio.file.Files;
import java.nio.file.Path;

class Format {
    public static void main(String[] files) throws Exception {
        var options = JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.PALANTIR).build();
        for (String file : files) {
            try {
                Formatter.createFormatter(options).formatSource(Files.readString(Path.of(file)));
                System.out.println(file + ": formatted");
            } catch (Exception e) {
                System.out.println(file + ": " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }
    }
}
JAVA
"$JAVA_HOME/bin/javac" -d classes Unnamed.java Named.java && echo "javac compiles both"
exports=()
for p in api code file main parser tree util; do exports+=(--add-exports "jdk.compiler/com.sun.tools.javac.$p=ALL-UNNAMED"); done
"$JAVA_HOME/bin/java" "${exports[@]}" -cp "$(cat classpath)" Format.java Named.java Unnamed.java | tee out
grep -qx 'Named.java: formatted' out && grep -q "^Unnamed.java: .*expected token: '_'" out
