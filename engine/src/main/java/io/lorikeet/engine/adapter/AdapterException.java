package io.lorikeet.engine.adapter;

import io.lorikeet.engine.EngineException;

/** An adapter that must not be used; {@link #reason} is short and stable enough for a metric's label. */
public final class AdapterException extends EngineException {
    private static final long serialVersionUID = 1L;

    private final Reason kind;

    /** Why an adapter is refused. */
    public enum Reason {
        /** A file is missing or cannot be read. */
        UNREADABLE,
        /** adapter_config.json is not what PEFT writes. */
        MALFORMED_CONFIG,
        /** adapter_config.json asks for something that would not be honoured. */
        UNSUPPORTED_CONFIG,
        /** target_modules names no module of the base model. */
        NO_MATCHING_MODULE,
        /** adapter_model.safetensors is damaged. */
        MALFORMED_TENSORS,
        /** A tensor belongs to no targeted module of the base model. */
        UNKNOWN_TENSOR,
        /** A targeted module has no A or no B. */
        MISSING_TENSOR,
        /** A tensor does not fit its module. */
        SHAPE_MISMATCH,
        /** A value is infinite or not a number. */
        NOT_FINITE,
        /** Its rank is above what a slot holds. */
        RANK_TOO_LARGE,
        /** As many names are served as may be. */
        TOO_MANY_ADAPTERS;

        public String slug() {
            return switch (this) {
                case UNREADABLE -> "unreadable";
                case MALFORMED_CONFIG -> "malformed_config";
                case UNSUPPORTED_CONFIG -> "unsupported_config";
                case NO_MATCHING_MODULE -> "no_matching_module";
                case MALFORMED_TENSORS -> "malformed_tensors";
                case UNKNOWN_TENSOR -> "unknown_tensor";
                case MISSING_TENSOR -> "missing_tensor";
                case SHAPE_MISMATCH -> "shape_mismatch";
                case NOT_FINITE -> "not_finite";
                case RANK_TOO_LARGE -> "rank_too_large";
                case TOO_MANY_ADAPTERS -> "too_many_adapters";
            };
        }
    }

    public AdapterException(Reason kind, String message) {
        super(message);
        this.kind = kind;
    }

    public AdapterException(Reason kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Reason kind() {
        return kind;
    }

    /** The {@linkplain Reason#slug() slug} of {@link #kind}. */
    public String reason() {
        return kind.slug();
    }
}
