package org.latebind.explorer.explain;

import org.latebind.probe.Outcome;
import org.latebind.probe.Reason;

/**
 * One command of a cure and where the device is after it.
 *
 * @param command a line of the schedule language, for example {@code load ipmmu-vmsa}
 * @param outcome outcome after it
 * @param reason  why it is not translated then, as a tree; null when it is
 */
public record CureStep(String command, Outcome outcome, Reason reason) {
}
