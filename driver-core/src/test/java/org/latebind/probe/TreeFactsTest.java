package org.latebind.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.yaml.snakeyaml.Yaml;

/** What the sheet says of DMA masks, PCI ids, aliases, groups and reserved regions, as data. */
class TreeFactsTest {

    @TestFactory
    List<DynamicTest> everyQuestionIsAnsweredAsTheSheetSays() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (TreeFact fact : all()) {
            tests.add(DynamicTest.dynamicTest(fact.rule() + ": " + fact.question() + " [" + fact.sheet() + "]",
                () -> assertThat(fact.answer()).isEqualTo(fact.expected())));
        }
        assertThat(tests).isNotEmpty();
        return tests;
    }

    static List<TreeFact> all() throws IOException {
        List<TreeFact> all = new ArrayList<>();
        try (InputStream in = TreeFactsTest.class.getResourceAsStream("/conformance/tree-facts.yaml")) {
            Map<?, ?> root = new Yaml().load(in);
            for (Object c : (List<?>) root.get("cases")) {
                Map<?, ?> one = (Map<?, ?>) c;
                ((Map<?, ?>) one.get("rows")).forEach((question, expected) -> all.add(new TreeFact(text(one, "rule"),
                    text(one, "sheet"), text(one, "tree"), text(one, "functions"), question.toString(), expected.toString())));
            }
        }
        return all;
    }

    private static String text(Map<?, ?> c, String key) {
        return c.get(key) == null ? "" : c.get(key).toString().strip() + (key.equals("functions") ? "\n" : "");
    }
}
