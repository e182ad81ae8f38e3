package org.latebind.machine.qemu;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The child process and what keeps it from outliving us: it runs below a small shell that waits for the end of its
 * standard input, a pipe we hold. Closing it, or our death by whatever signal, ends QEMU.
 */
final class QemuProcess implements AutoCloseable {

    private static final String WATCHDOG = "\"$@\" </dev/null & child=$!; "
            + "trap 'kill -9 $child 2>/dev/null; rm -rf \"$QEMU_FOLDER\"' EXIT; trap 'exit 1' HUP INT TERM; cat >/dev/null";
    private static final long START_MILLIS = 10_000;
    private static final long END_SECONDS = 5;

    private final Path folder;
    private final Process shell;
    private final SocketChannel channel;
    private final Thread hook = new Thread(this::end, "qemu-end");
    private boolean closed;

    private QemuProcess(Path folder, Process shell, SocketChannel channel) {
        this.folder = folder;
        this.shell = shell;
        this.channel = channel;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static QemuProcess start(QemuSetup setup, Path folder) {
        Path socket = folder.resolve("qtest");
        List<String> command = new ArrayList<>(List.of("sh", "-c", WATCHDOG, "sh"));
        command.addAll(setup.run(socket, folder.resolve("trace")));
        Process shell = null;
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(folder.resolve("messages").toFile());
            builder.environment().put("QEMU_FOLDER", folder.toString());
            shell = builder.start();
            SocketChannel channel = accept(server);
            if (channel == null) {
                throw new QemuException(setup.program() + " did not answer: "
                        + Files.readString(folder.resolve("messages")).strip());
            }
            return new QemuProcess(folder, shell, channel);
        } catch (IOException | QemuException e) {
            if (shell != null) {
                kill(shell);
            }
            throw e instanceof QemuException known ? known : new QemuException("cannot start " + setup.program(), e);
        }
    }

    private static SocketChannel accept(ServerSocketChannel server) throws IOException {
        try (Selector selector = Selector.open()) {
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            return selector.select(START_MILLIS) == 0 ? null : server.accept();
        }
    }

    SocketChannel channel() {
        return channel;
    }

    Path trace() {
        return folder.resolve("trace");
    }

    /** Process id of the watchdog; QEMU is its child. */
    long pid() {
        return shell.pid();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The virtual machine is going down; the hook does the rest.
        }
        end();
    }

    private void end() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone, which is what was wanted.
        }
        kill(shell);
        delete(folder);
    }

    private static void kill(Process shell) {
        List<ProcessHandle> children = shell.descendants().toList();
        try {
            shell.getOutputStream().close();
            shell.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            // The pipe is broken: the shell is gone already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        shell.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        } catch (IOException e) {
            // Left over in the system's folder for temporary files; harmless.
        }
    }
}
