package org.latebind.acpi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A complete IORT. Immutable. Source: Arm DEN0049E (IO Remapping Table); reference/driver-core.md section 10. */
public final class IortTable {

    private final List<IortNode> nodes;
    private final Map<Integer, IortNode> byOffset = new HashMap<>();

    IortTable(List<IortNode> nodes) {
        this.nodes = List.copyOf(nodes);
        nodes.forEach(node -> byOffset.put(node.offset(), node));
    }

    /**
     * An id at an SMMU.
     *
     * @param smmu the SMMU's node
     * @param streamId the stream id there
     */
    public record Stream(IortNode smmu, int streamId) {
    }

    /** Returns all nodes in the order of the table. */
    public List<IortNode> nodes() {
        return nodes;
    }

    /** Returns the node at an offset, or null. */
    public IortNode at(int offset) {
        return byOffset.get(offset);
    }

    /** Returns the root complex of a PCI segment, or null. */
    public IortNode rootComplex(int segment) {
        return nodes.stream().filter(n -> n.content() instanceof IortNode.RootComplex r && r.segment() == segment).findFirst()
            .orElse(null);
    }

    /** Returns the named component with this path in the ACPI name space, or null. */
    public IortNode namedComponent(String path) {
        return nodes.stream().filter(n -> n.content() instanceof IortNode.NamedComponent c && c.name().equals(path)).findFirst()
            .orElse(null);
    }

    /** Returns the SMMU and stream id that a requester id of a PCI segment arrives at; empty when no way leads to an SMMU. */
    public Optional<Stream> pciStream(int segment, int requesterId) {
        IortNode root = rootComplex(segment);
        return root == null ? Optional.empty() : map(root, requesterId);
    }

    /** Returns the streams of a named component: its mappings in turn, up to the first that does not lead to an SMMU. */
    public List<Stream> componentStreams(String path) {
        IortNode component = namedComponent(path);
        List<Stream> streams = new ArrayList<>(1);
        for (IdMapping mapping : component == null ? List.<IdMapping>of() : component.mappings()) {
            Optional<Stream> stream = mapping.single() ? map(at(mapping.output()), mapping.outputBase()) : Optional.empty();
            if (stream.isEmpty()) {
                break;
            }
            streams.add(stream.get());
        }
        return streams;
    }

    /**
     * Maps an id from node to node until an SMMU is reached. A match exactly at the end of a range of several ids is only
     * tentative: firmware that took the count for the number of ids means the range that starts there.
     */
    public Optional<Stream> map(IortNode from, int id) {
        IortNode node = from;
        int at = id;
        for (int steps = 0; node != null && steps <= nodes.size(); steps++) {
            if (node.isSmmu()) {
                return Optional.of(new Stream(node, at));
            }
            IdMapping best = null;
            int out = 0;
            for (int i = 0; i < node.mappings().size(); i++) {
                IdMapping m = node.mappings().get(i);
                boolean tentative = best != null;
                if (i == node.ownMapping() || m.single() && !node.maySingle()
                        || !m.single() && (!m.covers(at) || tentative && m.inputBase() != at)) {
                    continue;
                }
                best = m;
                out = m.single() ? m.outputBase() : m.outputBase() + at - m.inputBase();
                if (m.single() || m.idCount() == 0 || at != m.inputBase() + m.idCount()) {
                    break;
                }
            }
            if (best == null) {
                return Optional.empty();
            }
            node = at(best.output());
            at = out;
        }
        return Optional.empty();
    }
}
