package io.lorikeet.inference.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.BaseModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtherFormatsTest {
    @ParameterizedTest(name = "{0}: trained over {1}, served over {2}: {3}")
    @CsvSource({
        "auto, sha256:a, sha256:a, true",
        "auto, sha256:a, sha256:a+int8, true",
        "auto, sha256:a, sha256:a+fp8, true",
        "auto, sha256:a, sha256:a+int4, false",
        "auto, sha256:a, sha256:a+nf4, false",
        "auto, sha256:a+nf4, sha256:a+nf4, true",
        "auto, sha256:a+nf4, sha256:a, false",
        "auto, sha256:a+nf4, sha256:a+int8, false",
        "auto, sha256:b, sha256:a, false",
        "never, sha256:a, sha256:a+int8, false",
        "never, sha256:a+int8, sha256:a+int8, true",
        "always, sha256:a, sha256:a+nf4, true",
        "always, sha256:a+nf4, sha256:a, true",
        "always, sha256:b, sha256:a+nf4, false",
    })
    void anAdapterIsServedOverTheBaseThatItWasTrainedOn(
            String setting, String trained, String served, boolean allowed) {
        assertThat(isServed(OtherFormats.of(setting), trained, served)).isEqualTo(allowed);
    }

    private static boolean isServed(OtherFormats which, String trained, String served) {
        try {
            which.check(new BaseModel("b", trained), new BaseModel("b", served));
            return true;
        } catch (AdapterRejectedException e) {
            return false;
        }
    }

    @Test
    void aRefusalSaysBothFormatsAndWhatWouldServeIt() {
        assertThatThrownBy(() ->
                        OtherFormats.AUTO.check(new BaseModel("b", "sha256:a+nf4"), new BaseModel("b", "sha256:a")))
                .hasMessageContaining("quantization nf4")
                .hasMessageContaining("serves b with none")
                .hasMessageContaining("LORIKEET_QUANTIZATION=nf4");
    }

    @Test
    void anotherValueIsNamed() {
        assertThatThrownBy(() -> OtherFormats.of("yes"))
                .hasMessage("adapters-of-other-formats: expected one of never, auto, always, found 'yes'");
    }
}
