package org.latebind.explorer.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.latebind.explorer.Rule;

/** The SARIF log is valid against the official schema of OASIS, and says what was found. */
class SarifTest {

    private static final String FILE = "boards/my board#1.dts";
    private final ObjectMapper mapper = new ObjectMapper();

    private JsonNode log() {
        return mapper.valueToTree(Sarif.of(FILE, List.of(Samples.exploration("timeout"), Samples.exploration("latebind"))));
    }

    private JsonSchema schema() throws IOException {
        try (InputStream in = SarifTest.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
            com.networknt.schema.SchemaValidatorsConfig config = com.networknt.schema.SchemaValidatorsConfig.builder()
                    .formatAssertionsEnabled(true).build();
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(mapper.readTree(in), config);
        }
    }

    @Test
    void isValidAgainstTheOfficialSchema() throws IOException {
        assertThat(schema().validate(log())).isEmpty();
    }

    @Test
    void theSchemaIsNoRubberStamp() throws IOException {
        JsonNode log = log();
        ((com.fasterxml.jackson.databind.node.ObjectNode) log.at("/runs/0/results/0")).put("level", "shocking");
        assertThat(schema().validate(log)).isNotEmpty();
    }

    @Test
    void everyResultNamesARuleOfTheRun() {
        JsonNode run = log().at("/runs/0");
        assertThat(run.at("/tool/driver/rules").findValuesAsText("id")).hasSize(Rule.values().length);
        assertThat(run.at("/results").findValuesAsText("ruleId"))
                .containsExactly("bound-untranslated", "order-dependent", "never-bound")
                .isSubsetOf(run.at("/tool/driver/rules").findValuesAsText("id"));
        for (JsonNode result : run.get("results")) {
            JsonNode rule = run.at("/tool/driver/rules").get(result.get("ruleIndex").asInt());
            assertThat(rule.get("id")).isEqualTo(result.get("ruleId"));
        }
    }

    @Test
    void theScheduleIsACodeFlow() {
        JsonNode steps = log().at("/runs/0/results/0/codeFlows/0/threadFlows/0/locations");
        assertThat(steps.findValuesAsText("text")).containsExactly("load t_dma", "late-init", "expire", "load t_mmu");
        assertThat(log().at("/runs/0/results/2").has("codeFlows")).isFalse();
    }

    @Test
    void theBoardsFileIsAValidUri() {
        assertThat(log().at("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri").asText())
                .isEqualTo("boards/my%20board%231.dts");
    }
}
