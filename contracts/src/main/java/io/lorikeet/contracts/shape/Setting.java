package io.lorikeet.contracts.shape;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A field of a strict message. Its JSON name is the component's in snake_case, a digit before a letter with that letter. A record component without this
 * annotation is a group whose own fields stand flat in the same JSON object.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** One sentence for the reader of the reference. */
    String doc();

    /** The value if the field is missing: plain for texts and choices, JSON for all else; empty: null. */
    String defaultValue() default "";

    /** What happens without a value, where the default is null. */
    String whenAbsent() default "";

    /** Whether the field must be there. */
    boolean required() default false;

    /** Smallest number. */
    double min() default Double.NEGATIVE_INFINITY;

    /** Largest number. */
    double max() default Double.POSITIVE_INFINITY;

    /** Whether {@link #min} itself is too small. */
    boolean aboveMin() default false;

    /** Whether {@link #max} itself is too large. */
    boolean belowMax() default false;

    /** What the whole text must match. */
    String pattern() default "";

    /** The texts that are allowed; all, if empty. */
    String[] choices() default {};

    /** For a list: a single text may stand for a list of one. */
    boolean single() default false;

    /** Other names that are accepted. */
    String[] aliases() default {};
}
