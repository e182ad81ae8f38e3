// The board as a graph. Positions follow from the board alone, so the same board always looks the same.
import cytoscape from './cytoscape/cytoscape.esm.min.mjs';

const COLUMN = 190;
const ROW = 54;
const PER_ROW = 2;

const css = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const COLOURS = { BOUND_TRANSLATED: 'translated', BOUND_IDENTITY: 'identity', BOUND_DIRECT: 'direct', BOUND_BLOCKED: 'blocked',
  PENDING: 'waiting', GROUPED_UNBOUND: 'waiting', FAILED: 'failed', FORCED_OFF: 'failed', NO_DRIVER: 'none' };

export const shortName = path => path.slice(path.lastIndexOf('/') + 1) || path;

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

/** Places: IOMMUs in columns by depth, the masters of each beside it, what is left below. */
export function places(devices, edges) {
  const known = new Map(devices.map(device => [device.path, device]));
  const unit = new Map();
  for (const edge of edges) {
    if (known.get(edge.to)?.iommu && known.has(edge.from) && !unit.has(edge.from)) {
      unit.set(edge.from, edge.to);
    }
  }
  const depth = path => {
    let steps = 0;
    for (let at = path; unit.has(at) && steps < 4; at = unit.get(at)) {
      steps++;
    }
    return steps;
  };
  const iommus = devices.filter(device => device.iommu);
  const deepest = Math.max(0, ...iommus.map(device => depth(device.path)));
  const at = new Map();
  let row = 0;
  let tallest = 0;
  let left = deepest * COLUMN;
  const blocks = iommus.filter(device => depth(device.path) === deepest || !iommus.some(one => unit.get(one.path) === device.path));
  const columns = blocks.length > 8 ? 2 : 1;
  for (const [number, iommu] of blocks.entries()) {
    const clients = devices.filter(device => !device.iommu && unit.get(device.path) === iommu.path);
    const perRow = clients.length > 60 ? 16 : blocks.length <= 3 && clients.length <= 8 ? 1 : PER_ROW;
    const rows = Math.max(1, Math.ceil(clients.length / perRow));
    if (columns > 1 && number === Math.ceil(blocks.length / columns)) {
      tallest = row;
      row = 0;
      left = Math.max(...[...at.values()].map(place => place.x)) + 1.3 * COLUMN;
    }
    at.set(iommu.path, { x: left, y: (row + (rows - 1) / 2) * ROW });
    clients.forEach((client, i) => at.set(client.path,
      { x: left + (1.15 + i % perRow) * COLUMN, y: (row + Math.floor(i / perRow)) * ROW }));
    row += rows;
  }
  row = Math.max(row, tallest);
  for (const iommu of iommus.filter(device => !at.has(device.path))) {
    const below = iommus.filter(device => unit.get(device.path) === iommu.path && at.has(device.path)).map(device => at.get(device.path).y);
    const y = below.length ? below.reduce((sum, one) => sum + one, 0) / below.length : row++ * ROW;
    at.set(iommu.path, { x: depth(iommu.path) * COLUMN, y });
  }
  const rest = devices.filter(device => !at.has(device.path));
  const width = Math.max(6, Math.ceil(Math.sqrt(rest.length)));
  rest.forEach((device, i) => at.set(device.path, { x: i % width * COLUMN, y: (row + 1 + Math.floor(i / width)) * ROW }));
  return at;
}

function style() {
  const colour = Object.entries(COLOURS).map(([word, name]) => ({ selector: 'node.' + word,
    style: { 'border-color': css(name) } }));
  return [
    { selector: 'node', style: { label: 'data(label)', color: css('ink'), 'font-size': 13, 'text-valign': 'center', shape: 'round-rectangle',
      'background-color': css('panel'), width: 164, height: 38, 'border-width': 3, 'text-max-width': 400, 'text-wrap': 'wrap',
      'min-zoomed-font-size': 6 } },
    ...colour,
    { selector: 'node.iommu', style: { shape: 'cut-rectangle', 'border-width': 5, 'font-weight': 600 } },
    { selector: 'node.chosen', style: { 'border-width': 6, 'border-color': css('accent') } },
    { selector: 'edge', style: { width: 1.5, 'line-color': css('none'), 'curve-style': 'haystack', 'line-style': 'dashed', opacity: 0.5 } },
    { selector: 'edge.attached', style: { 'line-color': css('translated'), 'line-style': 'solid', opacity: 0.9 } },
    { selector: 'edge.other', style: { 'line-style': 'dotted', opacity: 0.3 } },
  ];
}

export class BoardGraph {
  constructor(container, onChoose) {
    this.cy = cytoscape({ container, style: style(), minZoom: 0.03, maxZoom: 3, autoungrabify: true, boxSelectionEnabled: false,
      hideEdgesOnViewport: true });
    this.cy.on('tap', 'node', event => onChoose(event.target.id()));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.cy.style(style()));
    new ResizeObserver(() => {
      this.cy.resize();
      this.fit();
    }).observe(container);
  }

  show(topology, choice) {
    const devices = shown(topology, choice);
    const at = places(devices, topology.edges);
    const iommus = new Set(devices.filter(device => device.iommu).map(device => device.path));
    const drawn = new Set();
    const edges = topology.edges.filter(edge => at.has(edge.from) && at.has(edge.to) && !drawn.has(edge.from + '>' + edge.to)
      && drawn.add(edge.from + '>' + edge.to));
    this.cy.batch(() => {
      this.cy.elements().remove();
      this.cy.add(devices.map(device => ({ group: 'nodes', data: { id: device.path, label: shortName(device.path) },
        classes: device.iommu ? 'iommu NO_DRIVER' : 'NO_DRIVER', position: at.get(device.path) })));
      this.cy.add(edges.map(edge => ({ group: 'edges', data: { id: edge.from + '>' + edge.to, source: edge.from, target: edge.to },
        classes: iommus.has(edge.to) ? '' : 'other' })));
    });
    this.words = new Map();
    this.fit();
  }

  fit() {
    this.cy.fit(undefined, 12);
  }

  update(devices) {
    this.cy.batch(() => {
      for (const device of devices.values()) {
        const word = device.outcome + ' ' + device.group + ' ' + device.iommu;
        if (this.words.get(device.path) === word) {
          continue;
        }
        const node = this.cy.getElementById(device.path);
        if (node.empty()) {
          continue;
        }
        this.words.set(device.path, word);
        node.removeClass(Object.keys(COLOURS).join(' ')).addClass(device.outcome);
        node.data('label', shortName(device.path) + (device.group == null ? '' : '\n(group ' + device.group + ')'));
        node.outgoers('edge').forEach(edge => {
          edge.toggleClass('attached', edge.target().id() === device.iommu);
        });
      }
    });
  }

  choose(path) {
    this.cy.nodes('.chosen').removeClass('chosen');
    if (path) {
      this.cy.getElementById(path).addClass('chosen');
    }
  }
}
