/**
 * Every setting of a training run, by ms-swift's names and defaults, grouped by what it is about. In JSON they stand
 * flat. {@link io.lorikeet.contracts.settings.TrainingSettings} holds the groups.
 */
package io.lorikeet.contracts.settings;
