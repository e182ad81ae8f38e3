package org.latebind.explorer.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The JUnit report is XML that any reader takes, and its counts are the counts of what is in it. */
class JUnitXmlTest {

    private static Document parse(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void severalPoliciesAreOneDocument() throws Exception {
        Element root = parse(JUnitXml.of("sample", List.of(Samples.exploration("timeout"), Samples.exploration("latebind"))))
                .getDocumentElement();
        assertThat(root.getTagName()).isEqualTo("testsuites");
        assertThat(root.getElementsByTagName("testsuite").getLength()).isEqualTo(2);
        assertThat(((Element) root.getElementsByTagName("testsuite").item(1)).getAttribute("name")).isEqualTo("sample.latebind");
    }

    @Test
    void everyDeviceIsATestAndEveryDeviceWithAFindingAFailure() throws Exception {
        Element suite = (Element) parse(JUnitXml.of("sample", Samples.exploration("timeout")))
                .getElementsByTagName("testsuite").item(0);
        assertThat(suite.getAttribute("tests")).isEqualTo("3");
        assertThat(suite.getAttribute("failures")).isEqualTo("2");
        assertThat(suite.getAttribute("time")).isEqualTo("1.234");
        assertThat(suite.getElementsByTagName("testcase").getLength()).isEqualTo(3);
        assertThat(suite.getElementsByTagName("failure").getLength()).isEqualTo(3);
        Element dma = (Element) suite.getElementsByTagName("testcase").item(1);
        assertThat(dma.getAttribute("name")).isEqualTo("/dma@2");
        assertThat(dma.getElementsByTagName("failure").getLength()).isEqualTo(2);
    }

    @Test
    void aFailureCarriesRuleSentenceAndSchedule() throws Exception {
        Element failure = (Element) parse(JUnitXml.of("sample", Samples.exploration("timeout")))
                .getElementsByTagName("failure").item(0);
        assertThat(failure.getAttribute("type")).isEqualTo("bound-untranslated");
        assertThat(failure.getAttribute("message")).endsWith(Samples.HOSTILE);
        assertThat(failure.getTextContent()).isEqualTo("load t_dma\nlate-init\nexpire\nload t_mmu");
    }
}
