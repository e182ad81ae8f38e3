package org.latebind.devicetree;

import java.io.ByteArrayOutputStream;

/** Numbers, characters, escapes and integer expressions of a source. Numbers are unsigned 64-bit, as in C. */
final class DtsLiteral {

    private static final int NESTING_MAX = 256;

    /** Operators with two operands, weakest first; longer ones before their prefixes. */
    private static final String[][] OPERATORS = {
        {"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}
    };

    private final DtsScanner in;
    private int nesting;

    DtsLiteral(DtsScanner in) {
        this.in = in;
    }

    /** Tells whether a number, a character or an expression in parentheses comes next. */
    static boolean starts(int c) {
        return c >= '0' && c <= '9' || c == '\'' || c == '(';
    }

    /** Reads a number, a character, or an expression in parentheses. */
    long primary() {
        int c = in.skip();
        if (c == '(') {
            in.next();
            long value = ternary();
            in.expect(")", "after an expression");
            return value;
        }
        return c == '\'' ? character() : number();
    }

    /** Reads a plain number: decimal, octal with a leading 0, or hexadecimal; suffixes U, L, UL, LL and ULL are allowed. */
    long number() {
        in.skip();
        SourcePlace start = in.place();
        boolean hex = in.peek() == '0' && (in.peek(1) == 'x' || in.peek(1) == 'X') && digit(in.peek(2), 16) >= 0;
        int radix = hex ? 16 : in.peek() == '0' ? 8 : 10;
        if (digit(in.peek(), 10) < 0) {
            throw in.fail("expected a number, found " + in.found());
        }
        if (hex) {
            in.next();
            in.next();
        }
        long value = 0;
        while (digit(in.peek(), hex ? 16 : 10) >= 0) {
            int digit = digit(in.next(), 16);
            if (digit >= radix) {
                throw start.fail("a number with a leading 0 is octal and has no digit " + digit);
            }
            if (Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, radix)) > 0) {
                throw start.fail("a number of more than 64 bits");
            }
            value = value * radix + digit;
        }
        for (String suffix : new String[] {"ULL", "UL", "LL", "U", "L"}) {
            if (in.lookingAt(suffix)) {
                in.accept(suffix);
                break;
            }
        }
        return value;
    }

    private static int digit(int c, int radix) {
        return c < 0 || c > 0x7f ? -1 : Character.digit(c, radix);
    }

    private long character() {
        SourcePlace start = in.place();
        in.next();
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        while (in.peek() != '\'') {
            int c = in.next();
            raw.write(c);
            if (c == '\\') {
                c = in.next();
                raw.write(c);
            }
            if (c < 0 || c == '\n') {
                throw start.fail("a character without an end");
            }
        }
        in.next();
        byte[] value = unescape(raw.toByteArray(), start);
        if (value.length != 1) {
            throw start.fail("a character literal of " + value.length + " characters");
        }
        return value[0] & 0xff;
    }

    private long ternary() {
        if (++nesting > NESTING_MAX) {
            throw in.fail("an expression is nested deeper than " + NESTING_MAX);
        }
        long value = binary(0);
        if (in.accept("?")) {
            long yes = ternary();
            in.expect(":", "in a conditional expression");
            long no = ternary();
            value = value != 0 ? yes : no;
        }
        nesting--;
        return value;
    }

    private long binary(int level) {
        if (level == OPERATORS.length) {
            return unary();
        }
        long value = binary(level + 1);
        while (true) {
            String operator = operator(level);
            if (operator == null) {
                return value;
            }
            SourcePlace place = in.place();
            in.accept(operator);
            value = apply(operator, value, binary(level + 1), place);
        }
    }

    /** Returns the operator of this level that comes next: the longest of all levels is taken, as a scanner would. */
    private String operator(int level) {
        in.skip();
        String longest = "";
        int at = -1;
        for (int i = 0; i < OPERATORS.length; i++) {
            for (String candidate : OPERATORS[i]) {
                if (candidate.length() > longest.length() && in.lookingAt(candidate)) {
                    longest = candidate;
                    at = i;
                }
            }
        }
        return at == level ? longest : null;
    }

    private static long apply(String operator, long a, long b, SourcePlace place) {
        if (b == 0 && (operator.equals("/") || operator.equals("%"))) {
            throw place.fail("division by zero");
        }
        return switch (operator) {
            case "||" -> a != 0 || b != 0 ? 1 : 0;
            case "&&" -> a != 0 && b != 0 ? 1 : 0;
            case "|" -> a | b;
            case "^" -> a ^ b;
            case "&" -> a & b;
            case "==" -> a == b ? 1 : 0;
            case "!=" -> a != b ? 1 : 0;
            case "<=" -> Long.compareUnsigned(a, b) <= 0 ? 1 : 0;
            case ">=" -> Long.compareUnsigned(a, b) >= 0 ? 1 : 0;
            case "<" -> Long.compareUnsigned(a, b) < 0 ? 1 : 0;
            case ">" -> Long.compareUnsigned(a, b) > 0 ? 1 : 0;
            case "<<" -> b >= 0 && b < 64 ? a << b : 0;
            case ">>" -> b >= 0 && b < 64 ? a >>> b : 0;
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> Long.divideUnsigned(a, b);
            default -> Long.remainderUnsigned(a, b);
        };
    }

    private long unary() {
        int c = in.skip();
        if (c != '-' && c != '~' && c != '!') {
            return primary();
        }
        if (++nesting > NESTING_MAX) {
            throw in.fail("an expression is nested deeper than " + NESTING_MAX);
        }
        in.next();
        long value = unary();
        nesting--;
        return c == '-' ? -value : c == '~' ? ~value : value == 0 ? 1 : 0;
    }

    /** Resolves the escapes of C: letters, up to three octal digits, {@code \x} with up to two hexadecimal digits. */
    static byte[] unescape(byte[] raw, SourcePlace place) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length);
        int i = 0;
        while (i < raw.length) {
            int c = raw[i++];
            if (c != '\\' || i == raw.length) {
                out.write(c);
                continue;
            }
            c = raw[i++];
            int letter = "abtnvfr".indexOf(c);
            if (letter >= 0) {
                out.write("\u0007\b\t\n\u000b\f\r".charAt(letter));
            } else if (c >= '0' && c <= '7' || c == 'x') {
                int radix = c == 'x' ? 16 : 8;
                int from = c == 'x' ? i : i - 1;
                int to = from;
                int value = 0;
                while (to < raw.length && to < from + (radix == 16 ? 2 : 3) && digit(raw[to], radix) >= 0) {
                    value = value * radix + digit(raw[to++], radix);
                }
                if (to == from) {
                    throw place.fail("\\x without a hexadecimal digit");
                }
                i = to;
                out.write(value);
            } else {
                out.write(c);
            }
        }
        return out.toByteArray();
    }
}
