package io.lorikeet.engine.program;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NvrtcTest {
    @Test
    void saysTheFirstErrorThoughWarningsComeBeforeIt() {
        assertThat(
                        Nvrtc.firstError(
                                "decode.cu(9): warning: unused\n decode.cu(30): error: undefined\ndecode.cu(31): error: more\n"))
                .isEqualTo("decode.cu(30): error: undefined");
        assertThat(Nvrtc.firstError("nvrtc: failed to open a library\n")).isEqualTo("nvrtc: failed to open a library");
        assertThat(Nvrtc.firstError("")).isEqualTo("no message");
    }
}
