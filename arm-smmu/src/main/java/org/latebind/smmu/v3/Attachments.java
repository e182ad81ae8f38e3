package org.latebind.smmu.v3;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.latebind.driver.Errno;
import org.latebind.hardware.Machine;
import org.latebind.hardware.PageAllocator;
import org.latebind.iommu.IommuClient;

/**
 * Who is behind the SMMU, and the changes of stream table entries and context descriptors that attaching takes. Called on
 * the owner's thread only.
 */
final class Attachments {

    private final StreamTable table;
    private final PageAllocator pages;
    private final Capabilities capabilities;
    private final EntryWriter streamWriter;
    private final EntryWriter contextWriter;
    private final Batch batch;
    private final boolean prefetch;
    private final Map<IommuClient, Master> masters = new IdentityHashMap<>();

    Attachments(Machine machine, StreamTable table, Capabilities capabilities, CommandQueue queue, boolean prefetch) {
        this.table = table;
        this.pages = machine.pages();
        this.capabilities = capabilities;
        this.streamWriter = new EntryWriter(machine.memory(), TableEntry::usedStreamBits, TableEntry.quietWord());
        this.contextWriter = new EntryWriter(machine.memory(), TableEntry::usedContextBits, 0);
        this.batch = new Batch(queue);
        this.prefetch = prefetch;
    }

    /** Takes a client in: its streams get entries, which stay idle. Undone completely when refused. */
    Errno add(IommuClient client) {
        if (masters.containsKey(client)) {
            return Errno.EBUSY;
        }
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < client.idCount(); i++) {
            if (!streams.contains(client.id(i))) {
                streams.add(client.id(i));
            }
        }
        Master master = new Master(client.name(), streams, capabilities.stalls(client));
        for (int sid : streams) {
            // Linux up to 6.14 says EINVAL where nothing depends on it; from 6.15 on ENODEV, so that a registration's walk goes on.
            Errno error = table.owner(sid) != null ? Errno.ENODEV : table.prepare(sid, () -> descriptorChanged(sid));
            if (error != null) {
                streams.stream().filter(s -> table.owner(s) == master).forEach(table::disown);
                return error;
            }
            table.own(sid, master);
        }
        masters.put(client, master);
        return null;
    }

    /** Forgets a client. Streams still attached become idle. */
    void remove(IommuClient client) {
        Master master = masters.remove(client);
        if (master == null) {
            return;
        }
        if (master.domain() != null) {
            makeIdle(master);
        }
        master.streams().forEach(table::disown);
        if (master.context() != Master.NO_CONTEXT) {
            pages.free(master.context(), TableEntry.BYTES);
            master.context(Master.NO_CONTEXT);
        }
    }

    /** Attaches; nothing is changed on an error. */
    Errno attach(IommuClient client, StreamDomain domain) {
        Master master = masters.get(client);
        if (master == null) {
            return Errno.ENODEV;
        }
        long[] context = domain.contextDescriptor(master);
        if (context != null) {
            if (!allocateContext(master)) {
                return Errno.ENOMEM;
            }
            if (contextWriter.disruptive(master.context(), context) && !idleOrStatic(master)) {
                // A descriptor in use must not become invalid on its way: the streams abort, silently, meanwhile.
                writeStreams(master, TableEntry.abort());
            }
            contextWriter.write(master.context(), context, () -> contextChanged(master));
        }
        writeStreams(master, domain.streamEntry(master));
        if (context == null) {
            clearContext(master);
        }
        master.domain(domain);
        return null;
    }

    private static boolean idleOrStatic(Master master) {
        return master.domain() == null || master.domain().contextDescriptor(master) == null;
    }

    /** Detaches, unless the client is attached to another domain by now. */
    void detach(IommuClient client, StreamDomain domain) {
        Master master = masters.get(client);
        if (master != null && master.domain() == domain) {
            makeIdle(master);
        }
    }

    private void makeIdle(Master master) {
        writeStreams(master, table.idle());
        clearContext(master);
        master.domain(null);
    }

    private boolean allocateContext(Master master) {
        if (master.context() == Master.NO_CONTEXT) {
            master.context(pages.allocate(TableEntry.BYTES, TableEntry.BYTES, capabilities.outputBits()));
        }
        return master.context() != PageAllocator.NONE;
    }

    private void clearContext(Master master) {
        if (master.context() != Master.NO_CONTEXT) {
            contextWriter.write(master.context(), new long[TableEntry.WORDS], () -> contextChanged(master));
        }
    }

    private void writeStreams(Master master, long[] entry) {
        for (int sid : master.streams()) {
            long address = table.entry(sid);
            if (Arrays.equals(streamWriter.read(address), entry)) {
                continue;
            }
            streamWriter.write(address, entry, () -> {
                Commands.configureStream(batch, sid, true);
                batch.submit();
            });
            if (prefetch) {
                Commands.prefetchConfig(batch, sid);
                batch.flush();
            }
        }
    }

    private void contextChanged(Master master) {
        master.streams().forEach(sid -> Commands.configureContext(batch, sid, true));
        batch.submit();
    }

    /** Drops copies of the descriptors that the streams of one domain use. */
    void contextChanged(StreamDomain domain) {
        masters.values().stream().filter(m -> m.domain() == domain).forEach(this::contextChanged);
    }

    /** The domain that serves a stream; null when none does. */
    StreamDomain domainOf(int sid) {
        return table.owner(sid) instanceof Master master ? master.domain() : null;
    }

    private void descriptorChanged(int sid) {
        Commands.configureStream(batch, sid, false);
        batch.submit();
    }

    /** Number of clients, for listings and leak checks. */
    int count() {
        return masters.size();
    }
}
