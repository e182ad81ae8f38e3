package org.latebind.machine.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.latebind.hardware.ExternalAbortException;

class SparseMemoryTest {

    private static final long BASE = 0x4800_0000L;

    private final SparseMemory memory = new SparseMemory(List.of(
            new MemoryRange(BASE, 0x20_0040),
            new MemoryRange(0xffff_ffff_ffff_0000L, 0x1_0000), new MemoryRange(0x10_0000_0040L, 0x40)));

    @Nested
    class Values {

        @Test
        void unwrittenMemoryReadsZero() {
            assertThat(memory.read64(BASE + 0x1_0008)).isZero();
            assertThat(memory.read8(-1L)).isZero();
        }

        @Test
        void isLittleEndianInEveryWidth() {
            memory.write64(BASE, 0x8877_6655_4433_2211L);
            assertThat(memory.read8(BASE)).isEqualTo(0x11);
            assertThat(memory.read8(BASE + 7)).isEqualTo(0x88);
            assertThat(memory.read16(BASE + 2)).isEqualTo(0x4433);
            assertThat(memory.read32(BASE + 4)).isEqualTo(0x8877_6655);
            memory.write16(BASE + 6, 0xaaaa);
            memory.write32(BASE, 0xbbbb_bbbb);
            memory.write8(BASE + 4, 0xcc);
            assertThat(memory.read64(BASE)).isEqualTo(0xaaaa_66cc_bbbb_bbbbL);
        }

        @Test
        void byteArraysOfAnyAlignmentAgreeWithAPlainArray() {
            long seed = 7;
            Random random = new Random(seed);
            byte[] model = new byte[0x2_1000];
            for (int i = 0; i < 3000; i++) {
                int at = random.nextInt(model.length);
                int length = Math.min(random.nextInt(random.nextBoolean() ? 24 : 0x1_8000), model.length - at);
                if (random.nextBoolean()) {
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    memory.write(BASE + at, bytes, 0, length);
                    System.arraycopy(bytes, 0, model, at, length);
                } else {
                    int value = random.nextInt(3);
                    memory.fill(BASE + at, length, value);
                    Arrays.fill(model, at, at + length, (byte) value);
                }
            }
            byte[] all = new byte[model.length];
            memory.read(BASE, all, 0, all.length);
            assertThat(all).as("seed " + seed).isEqualTo(model);
        }

        @Test
        void anArrayOfWordsIsTheMemoryItself() {
            long[] words = memory.words(BASE + 0x1_2340);
            words[0x2340 / 8] = 42;
            assertThat(memory.read64(BASE + 0x1_2340)).isEqualTo(42);
            assertThat(memory.words(BASE + 0x1_0000)).isSameAs(words);
        }
    }

    @Nested
    class Exchange {

        @Test
        void replacesOnlyWhenTheExpectedValueIsFound() {
            memory.write64(BASE, 0x1111_2222_3333_4444L);
            assertThat(memory.compareAndExchange16(BASE + 2, 0x9999, 1)).isEqualTo(0x3333);
            assertThat(memory.compareAndExchange16(BASE + 2, 0x3333, 0xfffe)).isEqualTo(0x3333);
            assertThat(memory.compareAndExchange32(BASE + 4, 0x1111_2222, 0x8000_0000)).isEqualTo(0x1111_2222);
            assertThat(memory.read64(BASE)).isEqualTo(0x8000_0000_fffe_4444L);
            assertThat(memory.compareAndExchange64(BASE, 0x8000_0000_fffe_4444L, 5)).isEqualTo(0x8000_0000_fffe_4444L);
            assertThat(memory.compareAndExchange64(BASE, 0, 6)).isEqualTo(5);
        }

        @Test
        void countersInTheFourQuartersOfAWordDoNotDisturbEachOther() throws InterruptedException {
            Thread[] threads = new Thread[4];
            for (int t = 0; t < threads.length; t++) {
                long address = BASE + 2L * t;
                boolean plain = t == 3;
                threads[t] = new Thread(() -> count(address, plain));
                threads[t].start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(memory.read64(BASE)).isEqualTo(0x2710_2710_2710_2710L);
        }

        private void count(long address, boolean plain) {
            for (int i = 0; i < 10_000; i++) {
                int old = memory.read16(address);
                if (plain) {
                    memory.write16(address, old + 1);
                } else {
                    while (memory.compareAndExchange16(address, old, old + 1) != old) {
                        old = memory.read16(address);
                    }
                }
            }
        }
    }

    @Nested
    class Limits {

        @Test
        void accessesOutsideTheRangesAbortWithTheAddress() {
            long[] outside = {BASE - 8, BASE + 0x20_0040, 0, 0x10_0000_0000L, 0x10_0000_0080L, 0xffff_ffff_fffe_fff8L};
            for (long address : outside) {
                assertThatThrownBy(() -> memory.read64(address)).isInstanceOf(ExternalAbortException.class)
                        .hasMessageContaining(Long.toHexString(address));
                assertThatThrownBy(() -> memory.write64(address, 1)).isInstanceOf(ExternalAbortException.class);
                assertThat(memory.isMemory(address, 8)).isFalse();
            }
        }

        @Test
        void aWriteThatLeavesTheRangeWritesNothing() {
            byte[] bytes = {1, 2, 3, 4};
            assertThatThrownBy(() -> memory.write(BASE + 0x20_003e, bytes, 0, 4)).isInstanceOf(ExternalAbortException.class);
            assertThatThrownBy(() -> memory.fill(-2L, 4, 1)).isInstanceOf(ExternalAbortException.class);
            assertThat(memory.read16(BASE + 0x20_003e)).isZero();
            assertThat(memory.read16(-2L)).isZero();
        }

        @Test
        void unalignedAccessesAreRefused() {
            assertThatThrownBy(() -> memory.read32(BASE + 2)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> memory.write64(BASE + 4, 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> memory.compareAndExchange16(BASE + 1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void overlappingRangesAreRefused() {
            assertThatThrownBy(() -> new SparseMemory(List.of(new MemoryRange(0, 0x1000), new MemoryRange(0xfc0, 0x40))))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("overlap");
        }
    }
}
