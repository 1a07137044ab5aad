package io.lorikeet.contracts;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a fine-tuning job of OpenAI's API makes. Its names follow from each other, so that nobody has to keep them: the job
 * {@code ftjob-ID} trains the adapter {@code ft-SUFFIX-ID}, which clients ask for as {@code ft:BASE:ORGANIZATION:SUFFIX:ID}.
 * Without a suffix they are {@code ft-ID} and {@code ft:BASE:ORGANIZATION::ID}.
 *
 * @param suffix what whoever asked for the job named it; empty: nothing
 * @param id of the job, without the prefix of fine-tuning jobs
 */
public record FineTunedModel(String suffix, String id) {
    /** The second part of a name, where OpenAI has who owns the model. */
    public static final String ORGANIZATION = "lorikeet";

    /** What a suffix looks like: an adapter's name, of at most 64 characters, holds it. */
    public static final String SUFFIX = "[A-Za-z0-9._-]{1,44}";

    private static final String JOB = "ftjob-";
    private static final String ID = "[a-z0-9]{16}";
    private static final Pattern ADAPTER = Pattern.compile("ft-(?:(" + SUFFIX + ")-)?(" + ID + ")");
    private static final Pattern JOB_ID = Pattern.compile(JOB + "(" + ID + ")");
    // the base's id may hold anything
    private static final Pattern NAME =
            Pattern.compile("ft:(.+):" + ORGANIZATION + ":(" + SUFFIX + ")?:(" + ID + ")", Pattern.DOTALL);

    public FineTunedModel {
        if (!suffix.isEmpty()) {
            Checks.matches("suffix", suffix, SUFFIX);
        }
        Checks.matches("id", id, ID);
    }

    /** Whether a job is one of OpenAI's API. */
    public static boolean isJob(String jobId) {
        return JOB_ID.matcher(jobId).matches();
    }

    /** What a job makes whose id is {@code ftjob-…}. */
    public static FineTunedModel ofJob(String jobId, String suffix) {
        return new FineTunedModel(suffix, jobId.substring(JOB.length()));
    }

    /** The model that an adapter is, if a fine-tuning job has made it. */
    public static Optional<FineTunedModel> ofAdapter(String adapter) {
        var parts = ADAPTER.matcher(adapter);
        return parts.matches() ? Optional.of(of(parts.group(1), parts.group(2))) : Optional.empty();
    }

    /** The model that a client names, if it is a fine-tuned one of this base. */
    public static Optional<FineTunedModel> ofName(String name, String base) {
        return ofName(name).filter(model -> model.name(base).equals(name));
    }

    /** The model that a client names, if it is a fine-tuned one, of whatever base. */
    public static Optional<FineTunedModel> ofName(String name) {
        var parts = NAME.matcher(name);
        return parts.matches() ? Optional.of(of(parts.group(2), parts.group(3))) : Optional.empty();
    }

    /** The adapter that a name stands for: that of a fine-tuned model, of whatever base, or the one of this name. */
    public static String adapterOf(String name) {
        return ofName(name).map(FineTunedModel::adapter).orElse(name);
    }

    private static FineTunedModel of(String suffix, String id) {
        return new FineTunedModel(suffix == null ? "" : suffix, id);
    }

    /** The job that makes it. */
    public String jobId() {
        return JOB + id;
    }

    /** The adapter that it is. */
    public String adapter() {
        return suffix.isEmpty() ? "ft-" + id : "ft-" + suffix + "-" + id;
    }

    /** What clients call it. */
    public String name(String base) {
        return "ft:" + base + ":" + ORGANIZATION + ":" + suffix + ":" + id;
    }
}
