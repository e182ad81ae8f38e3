package org.latebind.hardware;

/**
 * One complaint of a hardware model: something a strict device would not have forgiven.
 *
 * @param rule   stable id in lower case with dashes, for example {@code ipmmu-flush-not-awaited}; not null
 * @param device path of the device whose model complains; not null
 * @param detail what happened, with addresses and values; not null
 */
public record Finding(String rule, String device, String detail) {
}
