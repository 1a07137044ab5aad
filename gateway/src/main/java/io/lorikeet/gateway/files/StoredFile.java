package io.lorikeet.gateway.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A file as OpenAI's API shows it, and as it is noted beside the file itself.
 *
 * @param createdAt seconds since 1970
 * @param filename what its owner calls it
 */
@Schema(name = "File")
public record StoredFile(
        String id,
        String object,
        long bytes,
        @Schema(name = "created_at") long createdAt,
        String filename,
        String purpose,
        String status) {
    /** One that is whole and in place. */
    static StoredFile processed(String id, long bytes, long createdAt, String filename) {
        return new StoredFile(id, "file", bytes, createdAt, filename, Uploads.PURPOSE, "processed");
    }
}
