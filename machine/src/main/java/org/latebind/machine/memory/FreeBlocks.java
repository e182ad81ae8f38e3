package org.latebind.machine.memory;

import java.util.Arrays;

/** The free blocks of one size: a stack of addresses, with removal from the middle. Not thread safe. */
final class FreeBlocks {

    private final AddressMap positions = new AddressMap();
    private long[] addresses = new long[16];
    private int size;

    void push(long address) {
        if (size == addresses.length) {
            addresses = Arrays.copyOf(addresses, 2 * size);
        }
        addresses[size] = address;
        positions.put(address, size++);
    }

    /**
     * Takes the youngest block whose first {@code bytes} bytes end at or below {@code last} (unsigned, inclusive).
     *
     * @return its address, or 0 when there is none
     */
    long take(long bytes, long last) {
        for (int i = size - 1; i >= 0; i--) {
            if (Long.compareUnsigned(addresses[i] + (bytes - 1), last) <= 0) {
                long address = addresses[i];
                remove(address);
                return address;
            }
        }
        return 0;
    }

    /** Removes one block; tells whether it was there. */
    boolean remove(long address) {
        if (address == 0) {
            // The map keeps 0 for empty slots, and address 0 is never a block: it is only somebody's buddy.
            return false;
        }
        long position = positions.remove(address);
        if (position == AddressMap.ABSENT) {
            return false;
        }
        long moved = addresses[--size];
        if (moved != address) {
            addresses[(int) position] = moved;
            positions.put(moved, position);
        }
        return true;
    }
}
