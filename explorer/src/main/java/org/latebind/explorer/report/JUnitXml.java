package org.latebind.explorer.report;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.latebind.explorer.Exploration;
import org.latebind.explorer.Finding;

/** An exploration as a JUnit report: every device is a test case, every finding of a device a failure. */
public final class JUnitXml {

    private static final double MILLIS_PER_SECOND = 1e3;

    private JUnitXml() {
    }

    /** Makes the document of one exploration. */
    public static String of(String board, Exploration exploration) {
        return of(board, List.of(exploration));
    }

    /** Makes the document: a suite for each exploration. */
    public static String of(String board, List<Exploration> explorations) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            for (Exploration exploration : explorations) {
                write(xml, board, exploration);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return text + "\n";
    }

    private static void write(XMLStreamWriter xml, String board, Exploration exploration) throws XMLStreamException {
        String suite = board + "." + exploration.policy();
        long failed = exploration.devices().stream().filter(d -> !of(exploration, d).isEmpty()).count();
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", suite);
        xml.writeAttribute("tests", Integer.toString(exploration.devices().size()));
        xml.writeAttribute("failures", Long.toString(failed));
        xml.writeAttribute("errors", "0");
        xml.writeAttribute("skipped", "0");
        xml.writeAttribute("time", String.format(Locale.ROOT, "%.3f", exploration.stats().millis() / MILLIS_PER_SECOND));
        for (Exploration.DeviceResult device : exploration.devices()) {
            xml.writeStartElement("testcase");
            xml.writeAttribute("classname", suite);
            xml.writeAttribute("name", device.path());
            for (Finding finding : of(exploration, device)) {
                xml.writeStartElement("failure");
                xml.writeAttribute("type", finding.rule().id());
                xml.writeAttribute("message", finding.sentence());
                xml.writeCharacters(String.join("\n", ExplorationDocument.lines(finding.schedule())));
                xml.writeEndElement();
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static List<Finding> of(Exploration exploration, Exploration.DeviceResult device) {
        List<Finding> findings = new ArrayList<>();
        for (Finding finding : exploration.findings()) {
            if (finding.device().equals(device.path())) {
                findings.add(finding);
            }
        }
        return findings;
    }
}
