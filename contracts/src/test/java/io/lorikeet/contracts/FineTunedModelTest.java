package io.lorikeet.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FineTunedModelTest {
    private static final String ID = "0mc3k9x2abcd0123";

    @ParameterizedTest
    @ValueSource(
            strings = {"", "shop", "a-b.c_D", "ft-0mc3k9x2abcd0123", "44444444444444444444444444444444444444444444"})
    void eachOfItsNamesLeadsToTheOthers(String suffix) {
        var model = FineTunedModel.ofJob("ftjob-" + ID, suffix);

        assertThat(model.jobId()).isEqualTo("ftjob-" + ID);
        assertThat(model.adapter()).matches(TrainCommand.ADAPTER);
        assertThat(model.jobId()).matches(TrainCommand.JOB_ID);
        assertThat(FineTunedModel.ofAdapter(model.adapter())).contains(model);
        assertThat(FineTunedModel.ofName(model.name("C:/a base"), "C:/a base")).contains(model);
    }

    @Test
    void isNamedAsOpenAiNamesIt() {
        assertThat(new FineTunedModel("shop", ID).name("fledgling")).isEqualTo("ft:fledgling:lorikeet:shop:" + ID);
        assertThat(new FineTunedModel("", ID).name("fledgling")).isEqualTo("ft:fledgling:lorikeet::" + ID);
    }

    @Test
    void anotherBaseOrOrganizationIsAnotherModel() {
        assertThat(FineTunedModel.ofName("ft:other:lorikeet:shop:" + ID, "fledgling"))
                .isEmpty();
        assertThat(FineTunedModel.ofName("ft:fledgling:acme:shop:" + ID, "fledgling"))
                .isEmpty();
        assertThat(FineTunedModel.ofName("fledgling", "fledgling")).isEmpty();
        assertThat(FineTunedModel.ofAdapter("assistant")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "a b", "../up", "555555555555555555555555555555555555555555555"})
    void aSuffixThatNoAdapterCanHaveIsRefused(String suffix) {
        assertThatThrownBy(() -> new FineTunedModel(suffix, ID))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("suffix");
    }
}
