package org.latebind.internal;

import java.time.Duration;
import org.latebind.devicetree.DeviceTree;
import org.latebind.hardware.Machine;
import org.latebind.probe.Board;
import org.latebind.probe.Parameters;
import org.latebind.probe.Policy;

/**
 * What one run of a board is made of.
 *
 * @param name           name of the board
 * @param tree           its description
 * @param board          the same as the engine sees it
 * @param policy         the policy
 * @param parameters     the parameters at the start
 * @param machine        the hardware
 * @param time           the real clock
 * @param dma            makes DMA APIs
 * @param callLimit      longest wait for one answer of a driver
 * @param departureLimit longest wait for the release of all devices of a driver, and for a command
 * @param xen            whether the core plays Xen: IOMMU drivers that know it serve guests
 */
record Setup(String name, DeviceTree tree, Board board, Policy policy, Parameters parameters, Machine machine, RealTime time,
        DmaApis.Factory dma, Duration callLimit, Duration departureLimit, boolean xen) {

    /** Plays Xen under Xen's policy. */
    Setup(String name, DeviceTree tree, Board board, Policy policy, Parameters parameters, Machine machine, RealTime time,
            DmaApis.Factory dma, Duration callLimit, Duration departureLimit) {
        this(name, tree, board, policy, parameters, machine, time, dma, callLimit, departureLimit, policy == Policy.XEN);
    }
}
