package org.latebind.machine.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/**
 * The test protocol: one text line for each command, one for each answer, and lines about interrupts in between. One
 * command at a time; thread safe.
 */
final class QtestChannel {

    private static final int BUFFER_BYTES = 1 << 18;

    private final SocketChannel channel;
    private final IntConsumer raised;
    private final ByteBuffer input = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private final StringBuilder line = new StringBuilder();

    /**
     * Makes the protocol on a connected channel.
     *
     * @param raised told of every interrupt that was raised; must only take a note
     */
    QtestChannel(SocketChannel channel, IntConsumer raised) {
        this.channel = channel;
        this.raised = raised;
    }

    /** Executes a command that answers a number. */
    long number(String command) {
        String answer = execute(command);
        return Long.parseUnsignedLong(answer.substring(answer.indexOf("0x") + 2), 16);
    }

    /** Executes a command and returns what follows {@code OK}. */
    synchronized String execute(String command) {
        try {
            ByteBuffer out = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.US_ASCII));
            while (out.hasRemaining()) {
                channel.write(out);
            }
            while (true) {
                String answer = readLine();
                if (answer.startsWith("IRQ ")) {
                    interrupt(answer);
                } else if (answer.startsWith("OK")) {
                    return answer.substring(2).strip();
                } else {
                    throw new QemuException("QEMU refused \"" + abbreviated(command) + "\": " + answer);
                }
            }
        } catch (IOException e) {
            throw new QemuException("QEMU went away during \"" + abbreviated(command) + "\"", e);
        }
    }

    private static String abbreviated(String command) {
        return command.length() > 80 ? command.substring(0, 80) + "..." : command;
    }

    private void interrupt(String text) {
        String[] words = text.split(" ");
        if (words.length == 3 && words[1].equals("raise")) {
            raised.accept(Integer.parseInt(words[2]));
        }
    }

    private String readLine() throws IOException {
        line.setLength(0);
        while (true) {
            while (input.hasRemaining()) {
                char c = (char) (input.get() & 0xff);
                if (c == '\n') {
                    return line.toString();
                }
                line.append(c);
            }
            input.clear();
            int count = channel.read(input);
            input.flip();
            if (count < 0) {
                throw new IOException("end of stream");
            }
        }
    }
}
