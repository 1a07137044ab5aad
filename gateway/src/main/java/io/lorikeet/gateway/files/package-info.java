/** Files that clients upload to train on, in the folder that trainers read. */
package io.lorikeet.gateway.files;
