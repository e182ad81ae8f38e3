package org.latebind.console.explain;

import java.util.LinkedHashMap;
import java.util.Map;
import org.latebind.explorer.explain.DeviceExplanation;
import org.latebind.explorer.explain.ExplanationReport;

/**
 * What came of a question about a device.
 *
 * @param explanation the explanation, or null when there is none
 * @param live        outcome on the running board; null without explanation
 * @param refusal     one line why there is no explanation; empty when there is one
 */
public record Answer(DeviceExplanation explanation, String live, String refusal) {

    static Answer refused(String why) {
        return new Answer(null, null, why);
    }

    /** Empty, or a line that says that hardware and model disagree, so that the rest is read with care. */
    public String note() {
        return explanation == null || explanation.before().name().equals(live) ? ""
                : "on this board it is " + live + ": its driver answered otherwise than its manifest promises";
    }

    /** Text for people; ends with a line break. */
    public String text() {
        return explanation == null ? refusal + "\n" : (note().isEmpty() ? "" : note() + "\n") + ExplanationReport.text(explanation);
    }

    /** A document for the page; key {@code text} alone when there is no explanation. */
    public Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        if (explanation == null) {
            document.put("text", refusal);
        } else {
            document.putAll(ExplanationReport.document(explanation));
            document.put("note", note());
        }
        return document;
    }
}
