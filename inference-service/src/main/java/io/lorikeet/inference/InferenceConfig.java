package io.lorikeet.inference;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Every setting of the service; as environment variables {@code LORIKEET_MODEL}, {@code LORIKEET_MAX_NUM_SEQS}, … */
@ConfigMapping(prefix = "lorikeet")
public interface InferenceConfig {
    /** What gateways have to send as their bearer token; nobody is asked unless it is given. */
    Optional<String> inferenceSecret();

    /** Folder of the base model, as Hugging Face writes it. */
    Path model();

    /** Id of the base model in the API; the folder's name unless given. */
    Optional<String> servedModelName();

    /** Local folder of adapters. Nothing outside it is read as an adapter. */
    Path adaptersRoot();

    /**
     * Where trainers keep adapters: {@code file:}, that folder itself, or {@code s3://BUCKET/PREFIX}, from which they are
     * fetched to it.
     */
    @WithDefault("file:")
    String adaptersStore();

    /** How much may lie in the local folder of what was fetched from a bucket. */
    @WithDefault("10G")
    MemorySize adaptersCacheSize();

    /** What this replica calls itself where it says what it serves; host and port unless given. */
    Optional<String> replica();

    /** {@code cpu} or {@code cuda:0}. */
    @WithDefault("cpu")
    String device();

    /** {@code float32} or {@code bfloat16}; unless given float32 on a CPU and bfloat16 on a GPU. */
    Optional<String> dtype();

    /**
     * How the model's matrices are quantised when it is loaded: {@code none}; {@code int8} (8 bits, on an x86-64 processor
     * activations too); {@code fp8} (8 bits of floating point); {@code int4} and {@code int4-g128} (4 bits in groups of 32 and
     * 128); {@code nf4} (4 bits, as QLoRA trains over them). Adapters stay as they are.
     */
    @WithDefault("none")
    String quantization();

    /**
     * Which adapters are served over their base in another format than they were trained over: {@code auto}, those of a base that
     * is not quantised over one in 8 bits; {@code always}; {@code never}.
     */
    @WithDefault("auto")
    String adaptersOfOtherFormats();

    /**
     * Whether decode steps on a GPU run as kernels of this engine's own: {@code auto}, where model and device allow it, or
     * {@code off}.
     */
    @WithDefault("auto")
    String kernels();

    /**
     * Whether decode steps on a processor check drafts of what comes next, which changes no answer: {@code auto}, where it pays,
     * with what followed the same words in prompt and answer; {@code acceptance}, with the answers to an adapter's acceptance
     * questions too; {@code off}.
     */
    @WithDefault("off")
    String speculation();

    /**
     * A directory in which processes of this host find the base's weights that one of them has loaded, and trainers the steps to
     * give way to; {@code off}: nothing is shared.
     */
    @WithDefault("off")
    String baseShare();

    /** Sequences that are decoded together. */
    @WithDefault("16")
    int maxNumSeqs();

    /** Requests that may wait for a place among them; one more is answered with 429. */
    @WithDefault("256")
    int maxNumWaiting();

    /** How long a request may wait for a place; then it is answered with 429. */
    @WithDefault("60S")
    Duration maxQueueTime();

    /** Tokens of prompts that are run between two tokens of the answers under way: what a long prompt may hold others up. */
    @WithDefault("256")
    int prefillChunk();

    /** System prompts whose keys and values are kept for the next request; 0: none. */
    @WithDefault("8")
    int prefixCacheSize();

    /** Tokens of each of them that are kept. */
    @WithDefault("512")
    int maxPrefixLen();

    /**
     * On a GPU, the common kinds of decode steps over sequences of up to so many tokens become CUDA graphs before the replica
     * is ready, which takes some seconds; 0: each when it occurs for the second time, which then takes a tenth of a second.
     */
    @WithDefault("512")
    int graphWarmUpLen();

    /** Tokens of prompt and answer together; 0: the model's own limit. */
    @WithDefault("0")
    int maxModelLen();

    /** Adapters that are on the device at once. */
    @WithDefault("8")
    int maxLoras();

    /** Adapters that are served at once; those that are not on the device wait in host memory for the next request. */
    @WithDefault("64")
    int maxCpuLoras();

    /** Versions beside those served that requests name, as {@code NAME@VERSION}; the least recently used make room. */
    @WithDefault("8")
    int maxAddressedVersions();

    /** Largest rank of an adapter. */
    @WithDefault("16")
    int maxLoraRank();

    /**
     * Ranks of all adapters on the device together: what their memory and time go by; 0: so many that max-loras and one more
     * may have the largest. With adapters of rank 8 and one of 64, 136 instead of 576.
     */
    @WithDefault("0")
    int maxLoraRanks();

    /** What a request may take from its arrival to its last token; later it is cancelled and answered with 504. */
    @WithDefault("5M")
    Duration requestTimeout();

    /** How adapters are taken in. */
    Swap swap();

    /** How adapters are taken in. */
    interface Swap {
        /** Largest file of an adapter. */
        @WithDefault("1G")
        MemorySize maxFileSize();

        /** Adapters that are read at the same time; bounds the memory that reading takes. */
        @WithDefault("2")
        int maxConcurrentLoads();

        /** How often a checkpoint is tried whose files are not there yet. */
        @WithDefault("8")
        int attempts();

        /** Wait before the second attempt; it doubles with each further one. */
        @WithDefault("250ms")
        Duration firstDelay();

        /** Longest wait between two attempts. */
        @WithDefault("5s")
        Duration maxDelay();
    }
}
