package io.lorikeet.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JobsCommandTest {
    @Test
    void momentsAreToldToTheSecond() {
        assertThat(JobsCommand.seconds("2026-11-28T19:44:13.777381351Z")).isEqualTo("2026-11-28T19:44:13Z");
        assertThat(JobsCommand.seconds("2026-11-28T19:44:13Z")).isEqualTo("2026-11-28T19:44:13Z");
    }
}
