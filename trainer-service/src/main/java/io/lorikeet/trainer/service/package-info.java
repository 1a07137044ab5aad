/**
 * The process around the trainer: {@link io.lorikeet.trainer.service.TrainerConfig} is what it is told, {@link
 * io.lorikeet.trainer.service.TrainerService} starts and stops its parts, {@link
 * io.lorikeet.trainer.service.TrainingMetrics} and the health checks say how it is.
 */
package io.lorikeet.trainer.service;
