package org.latebind.xengrant;

import java.util.concurrent.CountDownLatch;
import org.latebind.driver.DeviceProperties;
import org.latebind.iommu.IommuClient;

/** A client of backend 2 that stops whoever asks for its path, until it is told to go on. */
record StoppingClient(CountDownLatch asked, CountDownLatch goOn) implements IommuClient {

    @Override
    public String path() {
        asked.countDown();
        try {
            goOn.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return "/stopping";
    }

    @Override
    public String name() {
        return "stopping";
    }

    @Override
    public boolean isPci() {
        return false;
    }

    @Override
    public DeviceProperties properties() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int idCount() {
        return 1;
    }

    @Override
    public int id(int index) {
        return 2;
    }

    @Override
    public String iommuPath() {
        return "/xen_iommu";
    }
}
