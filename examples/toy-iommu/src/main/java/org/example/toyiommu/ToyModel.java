package org.example.toyiommu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.latebind.hardware.DmaResult;
import org.latebind.hardware.Finding;
import org.latebind.machine.ModelFactory;
import org.latebind.machine.RegisterWindow;
import org.latebind.machine.StreamTranslator;
import org.latebind.machine.Verdict;
import org.osgi.service.component.annotations.Component;

/** The hardware. It is as unforgiving as the real thing: what it once read it remembers until it is flushed. */
@Component(service = ModelFactory.class)
public final class ToyModel implements ModelFactory {

    @Override
    public boolean matches(List<String> compatible) {
        return compatible.contains(Registers.COMPATIBLE);
    }

    @Override
    public Model create(Surroundings surroundings) {
        return new Unit(surroundings);
    }

    private static final class Unit implements Model, RegisterWindow, StreamTranslator {
        private final Surroundings around;
        private final Map<Long, Long> remembered = new HashMap<>();
        private long table;
        private long enable;
        private long streams;

        Unit(Surroundings around) {
            this.around = around;
        }

        @Override
        public List<RegisterWindow> windows() {
            return List.of(this);
        }

        @Override
        public StreamTranslator translator() {
            return this;
        }

        @Override
        public long sizeBytes() {
            return Registers.PAGE;
        }

        @Override
        public long read(long offset, int sizeBytes) {
            return switch ((int) offset) {
                case Registers.ID -> Registers.ID_VALUE;
                case Registers.TABLE -> table;
                case Registers.ENABLE -> enable;
                case Registers.STREAMS -> streams;
                default -> 0;
            };
        }

        @Override
        public void write(long offset, int sizeBytes, long value) {
            switch ((int) offset) {
                case Registers.TABLE -> {
                    if (enable != 0) {
                        around.report(new Finding("toy-table-changed-while-on", around.node().path(), "TABLE written"));
                    }
                    table = value;
                }
                case Registers.ENABLE -> enable = value & 1;
                case Registers.FLUSH -> remembered.clear();
                case Registers.STREAMS -> streams = value;
                default -> around.report(new Finding("toy-no-such-register", around.node().path(), "write at " + offset));
            }
        }

        @Override
        public Verdict translate(int stream, long busAddress, boolean write) {
            if (enable == 0 || (streams >>> stream & 1) == 0) {
                return Verdict.untranslated(busAddress, "stream " + stream + " passes");
            }
            if (Long.compareUnsigned(busAddress, Registers.APERTURE) >= 0) {
                return new Verdict(DmaResult.Kind.FAULT, 0, "outside the aperture");
            }
            long entry = remembered.computeIfAbsent(busAddress / Registers.PAGE,
                    page -> around.memory().read64(table + page * Long.BYTES));
            if ((entry & (write ? Registers.WRITE : Registers.READ)) == 0) {
                remembered.remove(busAddress / Registers.PAGE);
                return new Verdict(DmaResult.Kind.FAULT, 0, entry == 0 ? "not mapped" : "not allowed");
            }
            return Verdict.translated((entry & -Registers.PAGE) + busAddress % Registers.PAGE);
        }
    }
}
