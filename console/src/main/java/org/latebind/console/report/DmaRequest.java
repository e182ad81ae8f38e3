package org.latebind.console.report;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.latebind.hardware.DmaResult;
import org.latebind.runtime.DmaClient;

/**
 * A DMA transfer as a person asks for it: {@code write DATA}, {@code read DATA}, {@code write-at ADDRESS DATA} or
 * {@code read-at ADDRESS LENGTH}, each with an optional {@code stream N} at the end. DATA is text, or bytes as {@code 0x...}.
 *
 * @param kind    which of the four
 * @param address bus address of the {@code -at} kinds
 * @param data    bytes to move; for {@code read-at} null
 * @param length  number of bytes
 * @param stream  index of the device's stream
 */
public record DmaRequest(Kind kind, long address, byte[] data, int length, int stream) {

    /** How to ask. */
    public static final String USAGE =
            "write DATA | read DATA | write-at ADDRESS DATA | read-at ADDRESS LENGTH, then optionally: stream N";
    private static final int LENGTH_MAX = 1 << 20;

    /** Domain, bus, device and function, as Linux writes them. */
    private static final Pattern PCI_NAME = Pattern.compile("(?:[0-9a-f]{4}:)?([0-9a-f]{2}):([01][0-9a-f])\\.([0-7])");

    /** Kinds of transfers. */
    public enum Kind {
        /** The device writes into mapped memory. */ WRITE,
        /** The device reads mapped memory. */ READ,
        /** The device writes to a bare bus address. */ WRITE_AT,
        /** The device reads a bare bus address. */ READ_AT
    }

    /**
     * Reads a request.
     *
     * @param words the words behind the device
     * @throws IllegalArgumentException with one line for people
     */
    public static DmaRequest parse(List<String> words) {
        List<String> rest = new ArrayList<>(words);
        int stream = 0;
        if (rest.size() >= 2 && "stream".equals(rest.get(rest.size() - 2))) {
            stream = (int) number(rest.remove(rest.size() - 1), "stream");
            rest.remove(rest.size() - 1);
        }
        String verb = rest.isEmpty() ? "" : rest.remove(0);
        return switch (verb) {
            case "write", "read" -> {
                byte[] data = bytes(rest, 0);
                yield new DmaRequest("write".equals(verb) ? Kind.WRITE : Kind.READ, 0, data, data.length, stream);
            }
            case "write-at" -> {
                byte[] data = bytes(rest, 1);
                yield new DmaRequest(Kind.WRITE_AT, number(first(rest), "address"), data, data.length, stream);
            }
            case "read-at" -> {
                long length = number(rest.size() == 2 ? rest.get(1) : "", "length");
                if (length < 1 || length > LENGTH_MAX) {
                    throw new IllegalArgumentException("length " + length + " is not within 1 and " + LENGTH_MAX);
                }
                yield new DmaRequest(Kind.READ_AT, number(first(rest), "address"), null, (int) length, stream);
            }
            default -> throw new IllegalArgumentException("dma takes " + USAGE);
        };
    }

    private static String first(List<String> rest) {
        return rest.isEmpty() ? "" : rest.get(0);
    }

    private static long number(String word, String what) {
        try {
            return word.startsWith("0x") ? Long.parseUnsignedLong(word.substring(2), 16) : Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(what + " \"" + word + "\" is no number");
        }
    }

    private static byte[] bytes(List<String> words, int from) {
        String text = String.join(" ", words.subList(Math.min(from, words.size()), words.size()));
        if (text.isEmpty()) {
            throw new IllegalArgumentException("dma takes " + USAGE);
        }
        if (!text.startsWith("0x")) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return HexFormat.of().parseHex(text.substring(2));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no sequence of bytes");
        }
    }

    /**
     * The client a person means.
     *
     * @param clients the bound clients; not null
     * @param device  a device's path, the last part of it, or the name of a PCI function ({@code 0000:00:01.0} or {@code 00:01.0})
     * @throws IllegalArgumentException with one line, when no client or more than one has that name
     */
    public static DmaClient client(Iterable<DmaClient> clients, String device) {
        DmaClient found = null;
        Matcher pci = PCI_NAME.matcher(device);
        String function = pci.matches() ? "@" + Integer.toHexString(requesterId(pci)) : null;
        for (DmaClient client : clients) {
            String path = client.devicePath();
            if (path.equals(device)) {
                return client;
            }
            if (path.endsWith("/" + device) || function != null && path.endsWith(function) && path.lastIndexOf('@') > path.indexOf('@')) {
                if (found != null) {
                    throw new IllegalArgumentException(device + " is both " + found.devicePath() + " and " + path + ": give the path");
                }
                found = client;
            }
        }
        if (found == null) {
            throw new IllegalArgumentException("no bound DMA client " + device);
        }
        return found;
    }

    private static int requesterId(Matcher pci) {
        return Integer.parseInt(pci.group(1), 16) << 8 | Integer.parseInt(pci.group(2), 16) << 3 | Integer.parseInt(pci.group(3));
    }

    /** Lets a client do the transfer. */
    public DmaClient.Transfer on(DmaClient client) {
        if (stream < 0 || stream >= client.streams()) {
            throw new IllegalArgumentException(
                    client.devicePath() + " has " + client.streams() + " streams, no stream " + stream);
        }
        return switch (kind) {
            case WRITE -> client.write(stream, data);
            case READ -> client.read(stream, data);
            case WRITE_AT -> client.writeAt(stream, address, data);
            case READ_AT -> client.readAt(stream, address, length);
        };
    }

    /** A transfer's end in one line. */
    public static String describe(DmaClient.Transfer transfer) {
        DmaResult result = transfer.result();
        StringBuilder text = new StringBuilder("dma ").append(transfer.device()).append(" stream ").append(transfer.stream())
                .append(": bus address 0x").append(Long.toHexString(transfer.busAddress()));
        if (transfer.physicalAddress() != -1) {
            text.append(" -> physical 0x").append(Long.toHexString(transfer.physicalAddress()));
        }
        text.append(", ").append(result.kind()).append(", ").append(result.transferredBytes()).append(" bytes");
        if (result.ok()) {
            text.append(transfer.intact() ? ", the right bytes at the right place" : ", WRONG BYTES");
        } else {
            text.append(", fault at 0x").append(Long.toHexString(result.faultAddress()));
        }
        return result.detail().isEmpty() ? text.toString() : text + " (" + result.detail() + ")";
    }
}
