package io.lorikeet.contracts.keys;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** What a key is for. */
public enum Role {
    /** Questions. */
    @JsonProperty("ask")
    ASK,

    /** Jobs and their data. */
    @JsonProperty("train")
    TRAIN,

    /** Everything. */
    @JsonProperty("admin")
    ADMIN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
