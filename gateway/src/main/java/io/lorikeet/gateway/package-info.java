/** The public door. The README of the module names its classes in the order of the flow. */
package io.lorikeet.gateway;
