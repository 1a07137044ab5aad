package io.lorikeet.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallerTest {
    private final Caller caller =
            new Caller(Optional.of("1"), "shop", Set.of(Role.TRAIN), Set.of("shop"), Quota.NONE);

    @ParameterizedTest
    @CsvSource({
        "shop, true",
        "ft-shop-0123456789abcdef, true",
        "ft:org/base:lorikeet:shop:0123456789abcdef, true",
        "other, false",
        "ft-other-0123456789abcdef, false",
        "ft-0123456789abcdef, false",
        "ft:org/base:lorikeet:other:0123456789abcdef, false",
        "ft:org/base:elsewhere:shop:0123456789abcdef, false",
        "ft-shop-x, false"
    })
    void hasItsAdaptersAndWhatFineTuningMakesOfThem(String name, boolean its) {
        assertThat(caller.mayUse(name)).isEqualTo(its);
    }
}
