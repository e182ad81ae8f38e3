package org.latebind.internal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.latebind.driver.Errno;
import org.latebind.passthrough.Passthrough;
import org.latebind.passthrough.PassthroughResult;

/** Guests for every thread: each call takes its turn on the thread that owns the core's state. */
final class OwnedPassthrough implements Passthrough {

    private final Passthrough guests;
    private final Owner owner;
    private final Duration limit;

    OwnedPassthrough(Passthrough guests, Owner owner, Duration limit) {
        this.guests = guests;
        this.owner = owner;
        this.limit = limit;
    }

    private <T> T ask(Supplier<T> call, T late) {
        AtomicReference<T> answer = new AtomicReference<>(late);
        owner.runAndWait(() -> answer.set(call.get()), limit);
        return answer.get();
    }

    private PassthroughResult change(Supplier<PassthroughResult> call) {
        return ask(call, PassthroughResult.refused(Errno.ETIMEDOUT,
                "the core did not answer within " + limit.toMillis() + " ms"));
    }

    @Override
    public PassthroughResult create(int domid, long memoryBytes) {
        return change(() -> guests.create(domid, memoryBytes));
    }

    @Override
    public PassthroughResult createHardwareDomain() {
        return change(guests::createHardwareDomain);
    }

    @Override
    public PassthroughResult assign(int domid, String devicePath) {
        return change(() -> guests.assign(domid, devicePath));
    }

    @Override
    public PassthroughResult testAssign(String devicePath) {
        return change(() -> guests.testAssign(devicePath));
    }

    @Override
    public PassthroughResult deassign(int domid, String devicePath) {
        return change(() -> guests.deassign(domid, devicePath));
    }

    @Override
    public PassthroughResult reboot(int domid) {
        return change(() -> guests.reboot(domid));
    }

    @Override
    public PassthroughResult destroy(int domid) {
        return change(() -> guests.destroy(domid));
    }

    @Override
    public List<Status> list() {
        return ask(guests::list, List.of());
    }

    @Override
    public List<Mapping> p2m(int domid, long guestAddress, int pages) {
        return ask(() -> guests.p2m(domid, guestAddress, pages), List.of());
    }
}
