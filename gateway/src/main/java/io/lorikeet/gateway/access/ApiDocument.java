package io.lorikeet.gateway.access;

import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;

/** What the API's document says of keys. */
@OpenAPIDefinition(
        info = @Info(title = "Lorikeet", version = "0.1"),
        security = @SecurityRequirement(name = ApiDocument.KEY),
        components =
                @Components(
                        securitySchemes =
                                @SecurityScheme(
                                        securitySchemeName = ApiDocument.KEY,
                                        type = SecuritySchemeType.HTTP,
                                        scheme = "bearer",
                                        description = "An API key, where the gateway asks for one.")))
public class ApiDocument extends Application {
    static final String KEY = "api_key";
}
