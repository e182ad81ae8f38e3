package org.latebind.machine.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.latebind.devicetree.DeviceTree;
import org.latebind.devicetree.DtbReader;
import org.latebind.probe.Population;

/**
 * What is to be started.
 *
 * @param program   name or path of {@code qemu-system-aarch64}; not null
 * @param slots     PCI slots (1..31) that get an {@code edu} device; its requester and stream id is slot * 8
 * @param memoryMib size of memory, at least 256
 */
public record QemuSetup(String program, List<Integer> slots, int memoryMib) {

    /** Debian package that brings the program. */
    public static final String PACKAGE = "qemu-system-arm";

    private static final String EDU_MODALIAS = "pci:v00001234d000011E8sv00001AF4sd00001100bc00scFFi00";
    private static final long LOOP_ADDRESS = 0x40200000L;
    /** {@code wfi; b .-4}: an idle CPU lets virtual time jump to the next timer. */
    private static final String WAIT_LOOP = "0x17ffffffd503207f";

    /** Checks the arguments. */
    public QemuSetup {
        slots = List.copyOf(slots);
        if (slots.stream().anyMatch(s -> s < 1 || s > 31) || memoryMib < 256) {
            throw new IllegalArgumentException("slots must be 1 to 31 and memory at least 256 MiB: " + slots + ", " + memoryMib);
        }
    }

    /** Three DMA masters and 1 GiB. */
    public static QemuSetup standard() {
        return new QemuSetup("qemu-system-aarch64", List.of(1, 2, 3), 1024);
    }

    /** Why this cannot be started; empty when the program is found. */
    public Optional<String> unavailable() {
        return find().isPresent() ? Optional.empty()
                : Optional.of(program + " is not installed (Debian package " + PACKAGE + ")");
    }

    Optional<Path> find() {
        if (program.contains("/")) {
            return Optional.of(Path.of(program)).filter(Files::isExecutable);
        }
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(":")) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, program);
            if (Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private List<String> machine(String extra) {
        List<String> args = new ArrayList<>(List.of(find().orElseThrow().toString(), "-machine", "virt,iommu=smmuv3" + extra,
                "-cpu", "cortex-a57", "-m", Integer.toString(memoryMib), "-display", "none", "-nodefaults"));
        for (int slot : slots) {
            // The address is read as hexadecimal; the default mask of 28 bits would silently cut addresses.
            args.addAll(List.of("-device", "edu,addr=" + Integer.toHexString(slot) + ",dma_mask=0xffffffffffffffff"));
        }
        return args;
    }

    List<String> run(Path socket, Path trace) {
        List<String> args = machine("");
        args.addAll(List.of("-qtest", "unix:" + socket, "-qtest-log", "none", "-icount", "shift=0,sleep=off",
                "-device", "loader,addr=" + LOOP_ADDRESS + ",data=" + WAIT_LOOP + ",data-len=8",
                "-device", "loader,addr=" + LOOP_ADDRESS + ",cpu-num=0",
                "-d", "guest_errors,trace:smmuv3_translate*", "-D", trace.toString()));
        return args;
    }

    List<String> dumpTree(Path file) {
        return machine(",dumpdtb=" + file);
    }

    /**
     * The board: runs QEMU for the device tree of this machine, the same at every call.
     *
     * @throws QemuException when it is not installed or writes no tree
     */
    public DeviceTree deviceTree() {
        unavailable().ifPresent(reason -> {
            throw new QemuException(reason);
        });
        Path folder = null;
        try {
            folder = Files.createTempDirectory("latebind-qemu");
            return DtbReader.read("qemu-virt", tree(folder));
        } catch (IOException e) {
            throw new QemuException("cannot run " + program, e);
        } finally {
            if (folder != null) {
                QemuProcess.delete(folder);
            }
        }
    }

    /** The {@code edu} devices, which the tree does not name: PCI functions {@code 0000:00:SLOT.0} of its host bridge. */
    public Population population(DeviceTree tree) {
        String host = tree.findCompatible("pci-host-ecam-generic").get(0).path();
        return new Population(slots.stream().map(slot -> new Population.PciFunction(host, slot << 3, List.of(),
                String.format("0000:00:%02x.0", slot), EDU_MODALIAS, null, null, List.of())).toList(), List.of(), true);
    }

    private byte[] tree(Path folder) {
        Path file = folder.resolve("virt.dtb");
        try {
            Process process = new ProcessBuilder(dumpTree(file)).redirectErrorStream(true)
                    .redirectOutput(folder.resolve("dump.log").toFile()).start();
            process.getOutputStream().close();
            int code = process.waitFor();
            if (!Files.isReadable(file)) {
                throw new QemuException(program + " wrote no device tree, exit code " + code + ": "
                        + Files.readString(folder.resolve("dump.log")).strip());
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new QemuException("cannot run " + program, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QemuException("interrupted while " + program + " wrote its device tree");
        }
    }
}
