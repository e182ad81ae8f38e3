package org.latebind.console.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import org.apache.felix.inventory.Format;
import org.apache.felix.inventory.InventoryPrinter;
import org.latebind.hardware.Machine;
import org.latebind.runtime.DriverCore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The board in the inventory: text and JSON. */
@Component(service = InventoryPrinter.class, property = {InventoryPrinter.NAME + "=latebind",
    InventoryPrinter.TITLE + "=Latebind", InventoryPrinter.FORMAT + "=TEXT", InventoryPrinter.FORMAT + "=JSON"})
public final class BoardInventory implements InventoryPrinter {

    private final DriverCore core;
    private final Machine machine;

    /** Takes whose state it prints. */
    @Activate
    public BoardInventory(@Reference DriverCore core, @Reference Machine machine) {
        this.core = core;
        this.machine = machine;
    }

    @Override
    public void print(PrintWriter out, Format format, boolean isZip) {
        BoardState state = new BoardState(core.snapshot(), machine.findings());
        if (!Format.JSON.equals(format)) {
            out.print(state.text());
            return;
        }
        try {
            out.println(new ObjectMapper().writeValueAsString(state.document()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document of maps, lists and values", e);
        }
    }
}
