/** The file of API keys, which the command line writes and the gateway reads. */
package io.lorikeet.contracts.keys;
