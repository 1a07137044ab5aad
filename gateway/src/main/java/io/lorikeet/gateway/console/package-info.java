/** The page at the root, which is the module console's. */
package io.lorikeet.gateway.console;
