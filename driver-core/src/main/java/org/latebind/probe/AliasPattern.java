package org.latebind.probe;

/** Shell patterns as module aliases use them: {@code *}, {@code ?} and {@code [...]}. */
public final class AliasPattern {

    private AliasPattern() {
    }

    /**
     * Tells whether the whole text matches. Linear in practice: only the last star is ever retried.
     *
     * @param pattern the pattern; an open bracket without its end stands for itself; not null
     * @param text    for example a device's modalias; not null
     */
    public static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            int next = p < pattern.length() && pattern.charAt(p) != '*' ? one(pattern, p, text.charAt(t)) : -1;
            if (next >= 0) {
                p = next;
                t++;
            } else if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Place behind the pattern's element when it matches the character, else -1. */
    private static int one(String pattern, int at, char c) {
        char head = pattern.charAt(at);
        if (head == '?') {
            return at + 1;
        }
        int close = head == '[' ? pattern.indexOf(']', at + 2) : -1;
        if (close < 0) {
            return head == c ? at + 1 : -1;
        }
        boolean inside = false;
        for (int i = at + 1; i < close; i++) {
            boolean range = i + 2 < close && pattern.charAt(i + 1) == '-';
            inside |= range ? c >= pattern.charAt(i) && c <= pattern.charAt(i + 2) : c == pattern.charAt(i);
            i += range ? 2 : 0;
        }
        return inside ? close + 1 : -1;
    }
}
