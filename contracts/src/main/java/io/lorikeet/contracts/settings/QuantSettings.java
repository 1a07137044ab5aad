package io.lorikeet.contracts.settings;

import io.lorikeet.contracts.shape.Setting;

/** How the base's weights are quantised under an adapter (QLoRA). */
public record QuantSettings(
        @Setting(
                doc =
                        "Quantise the frozen base under an adapter (QLoRA): `bnb` in quant_bits bits, `fp8` in 8 of floating"
                                + " point. An adapter is served over the base that it was trained over.",
                whenAbsent = "not quantised; bnb if quant_bits is given")
        QuantMethod quantMethod,

        @Setting(
                doc = "Bits of a weight with quant_method bnb: 4 (NormalFloat with double quantisation) or 8.",
                whenAbsent = "4 with bnb",
                min = 4,
                max = 8)
        Integer quantBits,

        @Setting(doc = "What 4 bits stand for. There is nf4 alone.", defaultValue = "nf4")
        Bnb4bitQuantType bnb4bitQuantType,

        @Setting(doc = "Whether the scales of 4 bits are quantised too. They always are.", defaultValue = "true")
        boolean bnb4bitUseDoubleQuant,

        @Setting(
                doc = "What quantised weights are multiplied as. That is torch_dtype, so any other value is refused.",
                whenAbsent = "torch_dtype")
        TorchDtype bnb4bitComputeDtype) {}
