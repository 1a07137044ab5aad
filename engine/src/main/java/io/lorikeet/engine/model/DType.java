package io.lorikeet.engine.model;

import java.util.Arrays;
import java.util.Optional;

/** The element types of a safetensors file that PyTorch has too. The constants are named as safetensors names them. */
public enum DType {
    BOOL(1, 11, "bool"),
    U8(1, 0, "uint8"),
    I8(1, 1, "int8"),
    I16(2, 2, "int16"),
    I32(4, 3, "int32"),
    I64(8, 4, "int64"),
    F16(2, 5, "float16"),
    BF16(2, 15, "bfloat16"),
    F32(4, 6, "float32"),
    F64(8, 7, "float64");

    private final int byteSize;
    private final int torchCode;
    private final String torchName;

    DType(int byteSize, int torchCode, String torchName) {
        this.byteSize = byteSize;
        this.torchCode = torchCode;
        this.torchName = torchName;
    }

    /** Bytes an element. */
    public int byteSize() {
        return byteSize;
    }

    /** PyTorch's ScalarType code, which is how TorchScript spells a dtype. */
    public int torchCode() {
        return torchCode;
    }

    /** PyTorch's name, which is how config.json spells a dtype. */
    public String torchName() {
        return torchName;
    }

    /** Whether a model's weights may be stored in it. */
    public boolean isWeight() {
        return this == F32 || this == BF16 || this == F16;
    }

    /** Finds a dtype by the name that a safetensors file gives it. */
    public static Optional<DType> ofSafetensorsName(String name) {
        return Arrays.stream(values()).filter(d -> d.name().equals(name)).findFirst();
    }

    /** Finds a dtype by PyTorch's name, with or without the {@code torch.} in front. */
    public static Optional<DType> ofTorchName(String name) {
        String bare = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
        return Arrays.stream(values()).filter(d -> d.torchName.equals(bare)).findFirst();
    }
}
