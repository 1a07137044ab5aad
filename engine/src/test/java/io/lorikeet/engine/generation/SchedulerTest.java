package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The policy is plain Java. */
class SchedulerTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                Scheduler.class,
                PrefillQueue.class,
                CacheSlots.class,
                PrefixCache.class,
                LoadQueue.class,
                AdapterTable.class,
                ResidentAdapters.class,
                ServedVersion.class,
                Sequence.class,
                Schedule.class,
                PromptWork.class,
                DecodeBatch.class,
                Drafts.class,
                DraftLookup.class,
                AcceptanceRate.class,
                PassCost.class
            })
    void thePolicyKnowsNoProgramAndNoTensor(Class<?> policy) throws IOException {
        List<String> named = new ArrayList<>();
        try (var bytes = policy.getResourceAsStream(policy.getSimpleName() + ".class")) {
            var constants = ClassFile.of().parse(bytes.readAllBytes()).constantPool();
            StreamSupport.stream(constants.spliterator(), false).forEach(entry -> {
                switch (entry) {
                    case ClassEntry type -> named.add(type.asInternalName());
                    case Utf8Entry text when text.stringValue().startsWith("(") -> named.add(text.stringValue());
                    default -> {}
                }
            });
        }
        assertThat(named).isNotEmpty().noneMatch(name -> name.contains("engine/program") || name.contains("ai/djl"));
    }
}
