package org.latebind.probe;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import org.latebind.probe.LinkBuilder.DevLink;
import org.latebind.probe.LinkBuilder.FwLink;

/**
 * The supplier links of a board under one policy, in the order in which the kernel makes them ({@link LinkBuilder}). Only links
 * that can hold their consumer are kept. Their state is derived from the two devices; what changes by itself is two bits:
 * relaxed, and moved. Immutable.
 */
final class LinkTable {

    private static final int[] NONE = {};

    /** Consumer device, supplier node, supplier device (-1 while only a node), adopting device (-1 for none), by link. */
    final int[] consumer;
    final int[] supplierNode;
    final int[] supplier;
    final int[] adopter;
    final String[] property;
    /** Links of a consumer in the order of the check; of a supplier in queueing order. */
    final int[][] ofConsumer;
    final int[][] ofSupplier;
    /** Links that close a cycle hold nobody and still delay sync_state: consumers by supplier, suppliers by consumer. */
    final int[][] cycleConsumers;
    final int[][] cycleSuppliers;
    private final int deviceCount;

    LinkTable(Board board, Policy policy, Parameters parameters, boolean[] unknownReady) {
        this(board, policy, parameters, unknownReady, parameters.fwDevlink(policy).holds());
    }

    /** With {@code asIfHeld} the links are made whether they hold anybody or not: permissive links delay sync_state only. */
    LinkTable(Board board, Policy policy, Parameters parameters, boolean[] unknownReady, boolean asIfHeld) {
        deviceCount = board.devices.length;
        LinkBuilder links = new LinkBuilder(board, unknownReady);
        if (asIfHeld) {
            links.play(policy, parameters.strict(policy));
        }
        List<DevLink> cycles = links.made.stream().filter(link -> link.from().cycle).toList();
        cycleConsumers = ends(cycles, DevLink::supplier, DevLink::consumer);
        cycleSuppliers = ends(cycles, DevLink::consumer, DevLink::supplier);
        List<FwLink> waiting = links.waitingNodes();
        List<DevLink> holding = links.made.stream().filter(link -> !link.from().cycle).toList();
        int count = holding.size() + waiting.size();
        consumer = new int[count];
        supplierNode = new int[count];
        supplier = new int[count];
        adopter = new int[count];
        property = new String[count];
        int l = 0;
        for (FwLink link : waiting) {
            consumer[l] = board.nodeDevice[link.consumerNode];
            supplierNode[l] = link.supplierNode;
            supplier[l] = -1;
            int above = links.parentDevice(link.supplierNode);
            adopter[l] = above == consumer[l] ? -1 : above;
            property[l++] = link.property;
        }
        for (DevLink link : holding) {
            consumer[l] = link.consumer();
            supplierNode[l] = board.devices[link.supplier()].node();
            supplier[l] = link.supplier();
            adopter[l] = -1;
            property[l++] = link.from().property;
        }
        ofConsumer = ofConsumers();
        ofSupplier = ofSuppliers();
    }

    /** Part of a table: the links in {@code kept}, in order, with devices renumbered. */
    LinkTable(LinkTable whole, int[] kept, int[] deviceNumbers) {
        deviceCount = deviceNumbers.length;
        cycleConsumers = ends(List.of(), DevLink::supplier, DevLink::consumer);
        cycleSuppliers = cycleConsumers;
        int[] device = Board.inverse(deviceNumbers, whole.deviceCount);
        int[] link = Board.inverse(kept, whole.size());
        consumer = new int[kept.length];
        supplierNode = new int[kept.length];
        supplier = new int[kept.length];
        adopter = new int[kept.length];
        property = new String[kept.length];
        for (int l = 0; l < kept.length; l++) {
            consumer[l] = device[whole.consumer[kept[l]]];
            supplierNode[l] = whole.supplierNode[kept[l]];
            supplier[l] = whole.supplier[kept[l]] < 0 ? -1 : device[whole.supplier[kept[l]]];
            adopter[l] = whole.adopter[kept[l]] < 0 ? -1 : device[whole.adopter[kept[l]]];
            property[l] = whole.property[kept[l]];
        }
        ofConsumer = partOf(whole.ofConsumer, link, deviceNumbers);
        ofSupplier = partOf(whole.ofSupplier, link, deviceNumbers);
    }

    private static int[][] partOf(int[][] lists, int[] link, int[] deviceNumbers) {
        int[][] result = new int[deviceNumbers.length][];
        for (int d = 0; d < result.length; d++) {
            result[d] = Arrays.stream(lists[deviceNumbers[d]]).map(l -> link[l]).filter(l -> l >= 0).toArray();
        }
        return result;
    }

    private int[][] ends(List<DevLink> links, ToIntFunction<DevLink> from, ToIntFunction<DevLink> to) {
        int[][] result = new int[deviceCount][];
        Arrays.fill(result, NONE);
        for (DevLink link : links) {
            int[] old = result[from.applyAsInt(link)];
            result[from.applyAsInt(link)] = Arrays.copyOf(old, old.length + 1);
            result[from.applyAsInt(link)][old.length] = to.applyAsInt(link);
        }
        return result;
    }

    private int[][] ofConsumers() {
        int[] count = new int[deviceCount];
        for (int c : consumer) {
            count[c]++;
        }
        int[][] result = new int[count.length][];
        for (int d = 0; d < count.length; d++) {
            result[d] = new int[count[d]];
            count[d] = 0;
        }
        for (int l = 0; l < consumer.length; l++) {
            result[consumer[l]][count[consumer[l]]++] = l;
        }
        return result;
    }

    private int[][] ofSuppliers() {
        int[] count = new int[deviceCount];
        int[] owner = new int[supplier.length];
        for (int l = 0; l < owner.length; l++) {
            owner[l] = supplier[l] >= 0 ? supplier[l] : adopter[l];
            if (owner[l] >= 0) {
                count[owner[l]]++;
            }
        }
        int[][] result = new int[count.length][];
        for (int d = 0; d < count.length; d++) {
            result[d] = new int[count[d]];
            count[d] = 0;
        }
        for (int pass = 0; pass < 2; pass++) {
            for (int l = 0; l < owner.length; l++) {
                if (owner[l] >= 0 && supplier[l] >= 0 == (pass == 0)) {
                    result[owner[l]][count[owner[l]]++] = l;
                }
            }
        }
        return result;
    }

    int size() {
        return consumer.length;
    }
}
