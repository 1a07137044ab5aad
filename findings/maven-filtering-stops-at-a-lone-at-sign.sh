#!/usr/bin/env bash
# Guess:    a filtered resource replaces each ${…}; an @ without a second one, as in an npm scope, is just a character.
# Found:    with maven-resources-plugin 2.6, which Maven 3.8 takes where a pom names no version, nothing is replaced after a
#           lone @ on its line, without a warning; a line without @ is filtered as ever. With useDefaultDelimiters false and
#           ${*} as the only delimiter both are, and with 3.3.1 both are as it is.
# Versions: maven-resources-plugin 2.6 and 3.3.1, Maven 3.8.7.
# Source:   the same two lines filtered in the three ways, printed below.
# Needs:    java, mvn. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir resources
cat >resources/map.txt <<'TXT'
"@scope/module": "/lib/${v}/module.js"
"module": "/lib/${v}/module.js"
TXT

filtered() {
  cat >pom.xml <<XML
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>filtering</artifactId>
  <version>1</version>
  <properties>
    <v>3.3.2</v>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <build>
    <resources>
      <resource>
        <directory>resources</directory>
        <filtering>true</filtering>
      </resource>
    </resources>
    <plugins>
      <plugin>
        <artifactId>maven-resources-plugin</artifactId>
        <version>$1</version>
        <configuration>$2</configuration>
      </plugin>
    </plugins>
  </build>
</project>
XML
  rm -rf target
  mvn -q -B resources:resources >/dev/null
  cat target/classes/map.txt
}

stops='"@scope/module": "/lib/${v}/module.js"
"module": "/lib/3.3.2/module.js"'
whole='"@scope/module": "/lib/3.3.2/module.js"
"module": "/lib/3.3.2/module.js"'
only='<useDefaultDelimiters>false</useDefaultDelimiters><delimiters><delimiter>${*}</delimiter></delimiters>'

old=$(filtered 2.6 '')
told=$(filtered 2.6 "$only")
new=$(filtered 3.3.1 '')
printf '2.6:\n%s\n2.6, with ${*} alone:\n%s\n3.3.1:\n%s\n' "$old" "$told" "$new"
[ "$old" = "$stops" ] && [ "$told" = "$whole" ] && [ "$new" = "$whole" ]
