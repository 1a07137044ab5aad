/**
 * Where trained adapters are kept. {@link io.lorikeet.store.AdapterStore} is the one seam between trainers, which keep
 * checkpoints there, and replicas, which fetch their files: {@link io.lorikeet.store.FolderStore} is a folder that both
 * of them have, {@link io.lorikeet.store.S3Store} a bucket.
 */
package io.lorikeet.store;
