// The board at an earlier moment, from the log alone. Pure.

/** Devices by path after the first `count` entries; each has outcome, driver, iommu, group and the last line about it. */
export function devicesAt(topology, log, count) {
  const devices = new Map();
  for (const device of topology.devices) {
    devices.set(device.path, fresh(device.path));
  }
  for (let i = 0; i < count && i < log.length; i++) {
    apply(devices, log[i]);
  }
  return devices;
}

function fresh(path) {
  return { path, outcome: 'NO_DRIVER', driver: null, iommu: null, group: null, streams: [], reason: null, boundAt: [] };
}

function line(text) {
  return { kind: 'log', subject: '', text, causes: [] };
}

function apply(devices, entry) {
  const path = entry.subject;
  if (!path.startsWith('/')) {
    return;
  }
  const old = devices.get(path) ?? fresh(path);
  switch (entry.kind) {
    case 'BOUND':
      devices.set(path, { ...old, outcome: entry.details.outcome ?? 'BOUND_DIRECT', driver: entry.details.driver ?? null, reason: null,
        boundAt: [...old.boundAt, entry.time] });
      break;
    case 'DEFERRED':
      devices.set(path, { ...old, outcome: 'PENDING', driver: null, reason: line(entry.details.reason || entry.text) });
      break;
    case 'FAILED':
      devices.set(path, { ...old, outcome: 'FAILED', driver: null, reason: line(entry.text) });
      break;
    case 'RELEASED':
      devices.set(path, { ...old, outcome: 'NO_DRIVER', driver: null, reason: line(entry.text) });
      break;
    case 'GROUP_JOINED':
      devices.set(path, { ...old, group: Number(entry.details.group), iommu: entry.details.iommu ?? null,
        streams: (entry.details.ids || '').split(',').filter(Boolean).map(Number) });
      break;
    case 'GROUP_LEFT':
      devices.set(path, { ...old, group: null, iommu: null, streams: [] });
      break;
  }
}
