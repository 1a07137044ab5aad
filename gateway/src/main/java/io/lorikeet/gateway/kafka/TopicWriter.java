package io.lorikeet.gateway.kafka;

import io.lorikeet.contracts.CancelCommand;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CloudEvents;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Message;
import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.access.Permissions;
import io.lorikeet.http.ApiException;
import io.lorikeet.messaging.TopicProgress;
import io.lorikeet.messaging.TraceHeaders;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.MutinyEmitter;
import io.smallrye.reactive.messaging.OutgoingMessageMetadata;
import io.smallrye.reactive.messaging.kafka.Record;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/** Puts messages on the topics. Each call completes when the broker has acknowledged. */
@ApplicationScoped
public class TopicWriter {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final MutinyEmitter<Record<String, byte[]>> commands;
    private final MutinyEmitter<Record<String, byte[]>> events;
    private final MutinyEmitter<Record<String, byte[]>> checkpoints;
    private final Replay replay;
    private final Permissions permissions;
    private final Duration timeout;

    TopicWriter(
            @Channel("commands-out") MutinyEmitter<Record<String, byte[]>> commands,
            @Channel("events-out") MutinyEmitter<Record<String, byte[]>> events,
            @Channel("checkpoints-out") MutinyEmitter<Record<String, byte[]>> checkpoints,
            Replay replay,
            Permissions permissions,
            GatewayConfig config) {
        this.permissions = permissions;
        this.commands = commands;
        this.events = events;
        this.checkpoints = checkpoints;
        this.replay = replay;
        this.timeout = config.publishTimeout();
    }

    /** Asks the trainers for something. */
    public Uni<Void> command(TrainingCommand command) {
        switch (command) {
            case TrainCommand train -> permissions.change(train.adapter(), "train job " + train.jobId());
            case CancelCommand cancel -> permissions.audit("cancel job " + cancel.jobId());
        }
        return send(commands, Topics.COMMANDS, command, "send it again with job_id " + command.jobId())
                .replaceWithVoid();
    }

    /** Says what happened to a job, and waits until this gateway knows it, too. */
    public Uni<Void> event(TrainingEvent event) {
        var told = event instanceof TrainingEvent.Queued queued
                ? queued.by(permissions.keyName().orElse(null))
                : event;
        return send(events, Topics.EVENTS, told, "see GET /v1/training/jobs/" + event.jobId())
                .flatMap(at -> known(replay.events(), at));
    }

    /** Says what is served from now on, and waits until this gateway knows it, too. */
    public Uni<Void> checkpoint(CheckpointEvent checkpoint) {
        permissions.change(
                checkpoint.adapter(), "serve " + checkpoint.version() + " as adapter " + checkpoint.adapter());
        return serve(checkpoint);
    }

    /** Says what the caller has decided about a canary, and waits until this gateway knows it, too. */
    public Uni<Void> decision(CheckpointEvent event) {
        permissions.change(event.adapter(), decided(event));
        return serve(event);
    }

    /** Says what the gateway has decided about a canary of its own accord, and waits until it has read it. */
    public Uni<Void> ownDecision(CheckpointEvent event) {
        permissions.own(decided(event));
        return serve(event);
    }

    private static String decided(CheckpointEvent event) {
        var decision = event.decision();
        return "canary " + decision.version() + " of adapter " + event.adapter() + " "
                + decision.kind().name().toLowerCase(Locale.ROOT) + ": " + decision.reason();
    }

    private Uni<Void> serve(CheckpointEvent event) {
        return send(checkpoints, Topics.CHECKPOINTS, event, lookAt(event.adapter()))
                .flatMap(at -> known(replay.checkpoints(), at));
    }

    /** Retires an adapter with a tombstone, and waits until this gateway knows it, too. */
    public Uni<Void> retire(String adapter) {
        permissions.change(adapter, "retire adapter " + adapter);
        return tombstone(adapter);
    }

    /** Repeats the tombstone of an adapter that a late decision has followed. */
    public Uni<Void> ownRetirement(String adapter) {
        permissions.own("retire adapter " + adapter + ", as before");
        return tombstone(adapter);
    }

    private Uni<Void> tombstone(String adapter) {
        return send(checkpoints, Topics.CHECKPOINTS, Record.of(adapter, null), Map.of(), lookAt(adapter))
                .flatMap(at -> known(replay.checkpoints(), at));
    }

    private Uni<RecordMetadata> send(
            MutinyEmitter<Record<String, byte[]>> emitter, String topic, Message message, String inDoubt) {
        return send(
                emitter,
                topic,
                Record.of(message.key(), Json.write(message)),
                CloudEvents.headers(message, Topics.GATEWAY),
                inDoubt);
    }

    /** @param inDoubt what to do if nobody knows whether the message got there */
    private Uni<RecordMetadata> send(
            MutinyEmitter<Record<String, byte[]>> emitter,
            String topic,
            Record<String, byte[]> message,
            Map<String, String> headers,
            String inDoubt) {
        var result = new OutgoingMessageMetadata<RecordMetadata>();
        var all = new RecordHeaders(
                headers.entrySet().stream().map(TopicWriter::header).toList());
        TraceHeaders.write(all);
        var kafka =
                OutgoingKafkaRecordMetadata.<String>builder().withHeaders(all).build();
        return emitter.sendMessage(
                        org.eclipse.microprofile.reactive.messaging.Message.of(message, Metadata.of(kafka, result)))
                .ifNoItem()
                .after(timeout)
                .fail()
                .onFailure()
                .transform(e -> failure(topic, inDoubt, e))
                .map(_ -> result.getResult());
    }

    private static Header header(Map.Entry<String, String> header) {
        return new RecordHeader(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8));
    }

    private Uni<Void> known(TopicProgress progress, RecordMetadata at) {
        return Uni.createFrom()
                .completionStage(() -> progress.until(new TopicPartition(at.topic(), at.partition()), at.offset()))
                .ifNoItem()
                .after(timeout)
                .recoverWithItem(() -> null);
    }

    private static String lookAt(String adapter) {
        return "see GET /v1/adapters/" + adapter;
    }

    private static ApiException failure(String topic, String inDoubt, Throwable e) {
        if (e instanceof RecordTooLargeException) {
            return ApiException.tooLarge("the message is too large for " + topic
                    + ": put the rows into a file that the trainer can read, and name it in dataset");
        }
        return ApiException.unavailable(
                "the broker did not acknowledge the message for " + topic + ": " + e.getMessage()
                        + "; it may have got there all the same: " + inDoubt,
                RETRY,
                e);
    }
}
