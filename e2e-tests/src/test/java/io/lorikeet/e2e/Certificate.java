package io.lorikeet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate for this machine, signed by itself.
 *
 * @param name its key's alias and its common name
 * @param store PKCS12, with its key
 * @param pem the certificate alone: whoever trusts it trusts the server
 * @param key PKCS8, in PEM
 */
record Certificate(String name, Path store, Path pem, Path key) {
    static final String PASSWORD = "changeit";

    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    /** Makes one with the JDK's keytool; files of the name are replaced. */
    static Certificate make(Path folder, String name) throws Exception {
        Files.createDirectories(folder);
        Path store = folder.resolve(name + ".p12");
        Files.deleteIfExists(store);
        Process keytool = new ProcessBuilder(
                        Services.java("keytool"),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-keyalg",
                        "EC",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore made = open(store);
        Path pem = write(
                folder.resolve(name + ".crt"),
                "CERTIFICATE",
                made.getCertificate(name).getEncoded());
        Path key = write(
                folder.resolve(name + ".key"),
                "PRIVATE KEY",
                made.getKey(name, PASSWORD.toCharArray()).getEncoded());
        return new Certificate(name, store, pem, key);
    }

    /** Its key and certificates. */
    KeyStore keys() throws GeneralSecurityException, IOException {
        return open(store);
    }

    private static KeyStore open(Path store) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private static Path write(Path file, String what, byte[] der) throws IOException {
        return Files.writeString(
                file, "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, LINES.encodeToString(der), what));
    }
}
