package org.latebind.xengrant;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Module parameters of {@code xen-grant}. Linux has none: there the driver is always built in. */
@ObjectClassDefinition(name = "xen-grant", description = "Xen grant-DMA driver")
public @interface GrantSettings {

    /** What the grant node is to the runtime. */
    @AttributeDefinition(name = "role", description = "A full IOMMU, or the stub of a kernel era",
            options = {@Option(label = "first-class IOMMU", value = "full"),
                @Option(label = "Linux 5.19 to 6.1", value = "linux-5.19"),
                @Option(label = "Linux 6.2 and later", value = "linux-6.2")})
    String role() default "full";

    /** Features every virtio device offers, for the check of role linux-6.2. */
    @AttributeDefinition(name = "virtio_features", description = "Feature bits of virtio devices, hexadecimal")
    String virtio__features() default "300000000";
}
