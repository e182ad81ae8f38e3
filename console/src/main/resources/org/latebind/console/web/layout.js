// Where the nodes of the board's graph stand. Pure: the same board, groups and shape of the window always give the same picture.

/** Sizes of the drawing: of a board whose names can be read, and of one that is only an overview. */
const READABLE = { width: 122, height: 38, cellWidth: 142, cellHeight: 48, iommuWidth: 132, iommuHeight: 44, inset: 8, title: 18, gap: 26, dense: false };
const OVERVIEW = { width: 30, height: 20, cellWidth: 34, cellHeight: 25, iommuWidth: 170, iommuHeight: 62, inset: 8, title: 8, gap: 40, dense: true };
const OVERVIEW_FROM = 220;
const PER_ROW = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30];
const COLUMNS = [1, 2, 3, 4, 5, 6];

/** Which devices a choice of the list shows. */
export function shown(topology, choice) {
  const paths = new Set();
  const iommus = new Set(topology.devices.filter(device => device.iommu).map(device => device.path));
  for (const edge of topology.edges) {
    if (choice === 'edges' || iommus.has(edge.to) && (iommus.has(edge.from) || ['iommus', 'mmu-masters'].includes(edge.property))) {
      paths.add(edge.from).add(edge.to);
    }
  }
  return topology.devices.filter(device => choice === 'all' || device.iommu || paths.has(device.path));
}

/**
 * Places everything. `groupOf` gives the group number of a device or undefined; `aspect` is width / height of the window.
 * Answers {at: path -> {x, y}, groups: number -> {x, y, width, height}, sizes}.
 */
export function place(devices, edges, groupOf, aspect) {
  const sizes = devices.length >= OVERVIEW_FROM ? OVERVIEW : READABLE;
  const tree = familyOf(devices, edges);
  let best = null;
  for (const perRow of PER_ROW) {
    for (const columns of COLUMNS) {
      const plan = arrange(tree, groupOf, sizes, perRow, columns);
      const scale = Math.min(aspect / plan.width, 1 / plan.height);
      if (!best || scale > best.scale * 1.001) {
        best = { scale, plan };
      }
      if (columns >= tree.leaves.length) {
        break;
      }
    }
  }
  return { at: best.plan.at, groups: best.plan.groups, sizes };
}

/** Who stands behind whom: leaves (IOMMUs with their clients), the IOMMUs above them, and what has no IOMMU. */
function familyOf(devices, edges) {
  const known = new Map(devices.map(device => [device.path, device]));
  const unit = new Map();
  for (const edge of edges) {
    if (known.get(edge.to)?.iommu && known.has(edge.from) && !unit.has(edge.from)) {
      unit.set(edge.from, edge.to);
    }
  }
  const parents = new Set(devices.filter(device => device.iommu && unit.has(device.path)).map(device => unit.get(device.path)));
  const clients = new Map();
  for (const device of devices) {
    if (!device.iommu && unit.has(device.path)) {
      clients.set(unit.get(device.path), [...clients.get(unit.get(device.path)) ?? [], device.path]);
    }
  }
  const iommus = devices.filter(device => device.iommu).map(device => device.path);
  return {
    roots: iommus.filter(path => parents.has(path) && !clients.has(path)),
    leaves: iommus.filter(path => clients.has(path)).map(path => ({ path, clients: clients.get(path) })),
    idle: iommus.filter(path => !parents.has(path) && !clients.has(path)),
    rest: devices.filter(device => !device.iommu && !unit.has(device.path)).map(device => device.path),
  };
}

/** One block: an IOMMU at the left, its clients in rows, the members of a group together. */
function block(leaf, groupOf, sizes, perRow) {
  const at = new Map();
  const groups = new Map();
  const members = new Map();
  for (const path of leaf.clients) {
    const group = groupOf(path);
    if (group !== undefined) {
      members.set(group, [...members.get(group) ?? [], path]);
    }
  }
  const left = leaf.path ? sizes.iommuWidth + sizes.gap : 0;
  let y = 0;
  let x = 0;
  let width = 0;
  const boxes = [...members].sort((a, b) => b[1].length - a[1].length || a[0] - b[0]);
  for (const [group, paths] of boxes) {
    const across = Math.min(perRow, paths.length);
    const down = Math.ceil(paths.length / across);
    const box = { width: across * sizes.cellWidth - (sizes.cellWidth - sizes.width) + 2 * sizes.inset,
      height: down * sizes.cellHeight - (sizes.cellHeight - sizes.height) + sizes.inset + sizes.title };
    if (x > 0 && (paths.length > 1 || x + box.width > perRow * (sizes.cellWidth + 2 * sizes.inset))) {
      x = 0;
      y += boxHeight(groups, y) + 10;
    }
    groups.set(group, { x: left + x + box.width / 2, y: y + box.height / 2, ...box, top: y });
    paths.forEach((path, i) => at.set(path, { x: left + x + sizes.inset + sizes.width / 2 + i % across * sizes.cellWidth,
      y: y + sizes.title + sizes.height / 2 + Math.floor(i / across) * sizes.cellHeight }));
    x += box.width + 10;
    width = Math.max(width, x - 10);
    if (paths.length > 1) {
      x = 0;
      y += box.height + 10;
    }
  }
  if (x > 0) {
    y += boxHeight(groups, y) + 10;
  }
  const single = leaf.clients.filter(path => groupOf(path) === undefined);
  single.forEach((path, i) => at.set(path, { x: left + sizes.width / 2 + i % perRow * sizes.cellWidth,
    y: y + sizes.height / 2 + Math.floor(i / perRow) * sizes.cellHeight }));
  if (single.length) {
    width = Math.max(width, Math.min(perRow, single.length) * sizes.cellWidth - sizes.cellWidth + sizes.width);
    y += Math.ceil(single.length / perRow) * sizes.cellHeight;
  }
  const height = Math.max(leaf.path ? sizes.iommuHeight : 0, y - 10);
  if (leaf.path) {
    at.set(leaf.path, { x: sizes.iommuWidth / 2, y: height / 2 });
  }
  return { at, groups, width: left + width, height };
}

function boxHeight(groups, top) {
  return Math.max(...[...groups.values()].filter(group => group.top === top).map(group => group.height));
}

function arrange(tree, groupOf, sizes, perRow, columns) {
  const blocks = tree.leaves.map(leaf => block(leaf, groupOf, sizes, perRow));
  const wide = { ...sizes, width: sizes.iommuWidth, height: sizes.iommuHeight, cellWidth: sizes.iommuWidth + 20, cellHeight: sizes.iommuHeight + 12 };
  if (tree.idle.length) {
    blocks.push(block({ clients: tree.idle }, () => undefined, wide, Math.max(1, Math.round(perRow * sizes.cellWidth / wide.cellWidth) + 1)));
  }
  if (tree.rest.length) {
    blocks.push(block({ clients: tree.rest }, () => undefined, sizes, perRow + 1));
  }
  const at = new Map();
  const groups = new Map();
  const total = blocks.reduce((sum, one) => sum + one.height + sizes.gap, 0);
  let left = tree.roots.length ? sizes.iommuWidth + 1.5 * sizes.gap : 0;
  let y = 0;
  let widest = 0;
  let height = 0;
  for (const one of blocks) {
    if (y > 0 && y + one.height / 2 > total / columns) {
      left += widest + 1.5 * sizes.gap;
      y = 0;
      widest = 0;
    }
    one.at.forEach((place, path) => at.set(path, { x: left + place.x, y: y + place.y }));
    one.groups.forEach((place, number) => groups.set(number, { ...place, x: left + place.x, y: y + place.y }));
    y += one.height + sizes.gap;
    widest = Math.max(widest, one.width);
    height = Math.max(height, y - sizes.gap);
  }
  tree.roots.forEach((path, i) => at.set(path, { x: sizes.iommuWidth / 2,
    y: height * (i + 1) / (tree.roots.length + 1) }));
  return { at, groups, width: left + widest, height: Math.max(height, sizes.iommuHeight) };
}
