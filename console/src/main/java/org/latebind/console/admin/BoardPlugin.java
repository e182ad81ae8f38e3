package org.latebind.console.admin;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import org.apache.felix.webconsole.servlet.AbstractServlet;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.latebind.hardware.Machine;
import org.latebind.runtime.DeviceStatus;
import org.latebind.runtime.DriverCore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The board as a page of the Felix Web Console. It shows and changes nothing. */
@Component(service = Servlet.class, property = {ServletConstants.PLUGIN_LABEL + "=latebind",
    ServletConstants.PLUGIN_TITLE + "=Devices and IOMMUs", ServletConstants.PLUGIN_CATEGORY + "=Latebind"})
public final class BoardPlugin extends AbstractServlet {

    private static final long serialVersionUID = 1L;

    private final transient DriverCore core;
    private final transient Machine machine;

    /** Takes whose state it shows. */
    @Activate
    public BoardPlugin(@Reference DriverCore core, @Reference Machine machine) {
        this.core = core;
        this.machine = machine;
    }

    @Override
    public void renderContent(HttpServletRequest request, HttpServletResponse response) throws IOException {
        BoardState state = new BoardState(core.snapshot(), machine.findings());
        PrintWriter out = response.getWriter();
        out.print("<p class=\"statline ui-state-highlight\">" + escaped("Board " + state.snapshot().board() + ", policy "
                + state.snapshot().policy() + ", " + state.stuck().size() + " devices stuck, " + state.findings().size()
                + " findings") + "</p>");
        out.print("<table class=\"tablesorter nicetable ui-widget\"><thead><tr><th>Device</th><th>Outcome</th><th>Driver</th>"
                + "<th>IOMMU</th><th>Group</th></tr></thead><tbody>");
        for (DeviceStatus device : state.snapshot().devices()) {
            out.print("<tr><td>" + escaped(device.path()) + "</td><td>" + escaped(device.outcome()) + "</td><td>"
                    + escaped(device.driver()) + "</td><td>" + escaped(device.iommu()) + "</td><td>"
                    + escaped(device.group() == null ? null : device.group().toString()) + "</td></tr>");
        }
        out.print("</tbody></table><pre>" + escaped(state.text()) + "</pre>");
    }

    private static String escaped(String text) {
        return text == null ? "" : text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
