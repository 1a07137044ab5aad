/**
 * What processes of one host have in common on one device: a single copy of the base's frozen weights, and the word by which
 * training gives way to serving. Nothing here knows of tensors.
 */
package io.lorikeet.engine.sharing;
