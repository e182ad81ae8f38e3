/**
 * The driver of Arm SMMUv1 and SMMUv2: MMU-400, MMU-401, MMU-500 and the vendors' variants.
 */
package org.latebind.smmu.v2;
