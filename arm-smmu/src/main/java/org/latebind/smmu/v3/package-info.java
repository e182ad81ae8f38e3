/**
 * Driver {@code arm-smmu-v3}: Arm SMMUv3 (Arm IHI 0070). Not exported; the driver is reached as a service.
 */
package org.latebind.smmu.v3;
