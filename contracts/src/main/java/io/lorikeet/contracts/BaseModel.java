package io.lorikeet.contracts;

/**
 * The model that an adapter belongs to.
 *
 * @param id directory name or id
 * @param fingerprint {@code sha256:…} over its weights and configuration
 */
public record BaseModel(String id, String fingerprint) {
    public BaseModel {
        Checks.present("id", id);
        Checks.matches("fingerprint", fingerprint, "\\S{1,255}");
    }
}
