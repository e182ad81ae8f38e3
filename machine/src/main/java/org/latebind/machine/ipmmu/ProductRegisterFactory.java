package org.latebind.machine.ipmmu;

import java.util.List;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.RegisterWindow;
import org.latebind.machine.StreamTranslator;

/**
 * PRR, the product register of Renesas SoCs: product in bits 14:8, cut in bits 7:0 (7:4 major - 1, 3:0 minor).
 * Option {@value #VALUE} sets it; by default it is the newest public cut of the SoC that the tree names.
 */
public final class ProductRegisterFactory implements ModelFactory {

    /** Option: value of the register, for example {@code 0x4f11}. */
    public static final String VALUE = "prr.value";

    private static final int REGISTER_BYTES = 4;
    private static final int CUT_3_0 = 0x20;

    @Override
    public boolean matches(List<String> compatible) {
        return compatible.contains("renesas,prr");
    }

    @Override
    public Model create(Surroundings surroundings) {
        return new ProductRegister(valueFor(surroundings));
    }

    /** What the register of this machine reads, whether its tree has the node or not. */
    static int valueFor(Surroundings surroundings) {
        String set = surroundings.option(VALUE, "");
        return set.isEmpty() ? product(surroundings) : Integer.decode(set);
    }

    private static int product(Surroundings surroundings) {
        for (Product product : Product.values()) {
            if (!surroundings.findCompatible("renesas," + product.name().toLowerCase(java.util.Locale.ROOT)).isEmpty()) {
                return product.value;
            }
        }
        return 0;
    }

    /** Register values by SoC; the product numbers of the SoCs that a driver asks for, others as Linux lists them. */
    private enum Product {
        R8A7795(0x4F00 | CUT_3_0), R8A7796(0x5200 | CUT_3_0), R8A77961(0x5200 | 0x30), R8A77965(0x5500 | 0x11),
        R8A77990(0x5700 | 0x10), R8A77995(0x5800 | 0x10), R8A77970(0x5400 | 0x10), R8A77980(0x5600 | 0x10),
        R8A779A0(0x5900 | 0x10), R8A779F0(0x5A00), R8A779G0(0x5C00), R8A779H0(0x5D00),
        R8A774A1(0x5200 | 0x13), R8A774B1(0x5500 | 0x11), R8A774C0(0x5700 | 0x10), R8A774E1(0x4F00 | CUT_3_0),
        R8A7790(0x4500), R8A7791(0x4700), R8A7743(0x4700);

        private final int value;

        Product(int value) {
            this.value = value;
        }
    }

    private record ProductRegister(int value) implements Model, RegisterWindow {

        @Override
        public List<RegisterWindow> windows() {
            return List.of(this);
        }

        @Override
        public StreamTranslator translator() {
            return null;
        }

        @Override
        public long sizeBytes() {
            return REGISTER_BYTES;
        }

        @Override
        public long read(long offset, int sizeBytes) {
            return value;
        }

        @Override
        public void write(long offset, int sizeBytes, long ignored) {
            // Read only.
        }
    }
}
