package org.latebind.devicetree;

import java.util.Arrays;

/**
 * One entry of a list of references: a node and the cells that go with it.
 *
 * @param target the node; not null
 * @param cells the cells (unsigned); not null, copied
 */
public record Reference(Node target, int[] cells) {

    /** Copies the cells. */
    public Reference {
        cells = cells.clone();
    }

    /** Returns a copy of the cells. */
    @Override
    public int[] cells() {
        return cells.clone();
    }

    /** Returns cell {@code index}. */
    public int cell(int index) {
        return cells[index];
    }

    /** Returns the number of cells. */
    public int cellCount() {
        return cells.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Reference that && target == that.target && Arrays.equals(cells, that.cells);
    }

    @Override
    public int hashCode() {
        return 31 * target.index() + Arrays.hashCode(cells);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(target.path());
        for (int cell : cells) {
            text.append(' ').append(Integer.toUnsignedString(cell));
        }
        return text.toString();
    }
}
