// The board as a graph: devices, IOMMUs, suppliers and groups. A group is a box around its members.
import cytoscape from './cytoscape/cytoscape.esm.min.mjs';
import { place, shown } from './layout.js';

const COLOURS = { BOUND_TRANSLATED: 'translated', BOUND_IDENTITY: 'identity', BOUND_DIRECT: 'direct', BOUND_BLOCKED: 'blocked',
  PENDING: 'waiting', GROUPED_UNBOUND: 'waiting', FAILED: 'failed', FORCED_OFF: 'failed', NO_DRIVER: 'none' };
const WORDS = Object.keys(COLOURS).join(' ');
const GROUP = 'group:';
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export const shortName = path => path.slice(path.lastIndexOf('/') + 1) || path;

const css = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

/** Two colours mixed; cytoscape wants plain ones. */
function mix(colour, ground, part) {
  const parts = text => text.length === 4 ? [1, 2, 3].map(i => parseInt(text[i] + text[i], 16))
    : [1, 3, 5].map(i => parseInt(text.slice(i, i + 2), 16));
  const [a, b] = [parts(colour), parts(ground)];
  return `rgb(${a.map((value, i) => Math.round(value * part + b[i] * (1 - part))).join(',')})`;
}

function style(sizes) {
  const panel = css('panel');
  const fill = sizes.dense ? 0.75 : 0.13;
  const colour = Object.entries(COLOURS).map(([word, name]) => ({ selector: 'node.' + word,
    style: { 'border-color': css(name), 'background-color': mix(css(name), panel, fill) } }));
  return [
    { selector: 'node', style: { label: 'data(label)', color: css('ink'), 'font-size': sizes.dense ? 5 : 12.5, 'text-valign': 'center', shape: 'round-rectangle',
      'background-color': panel, width: sizes.width, height: sizes.height, 'border-width': sizes.dense ? 1 : 2, 'text-wrap': 'wrap', 'line-height': 1.05,
      'min-zoomed-font-size': 5, 'z-index-compare': 'manual', 'z-index': 3, 'font-family': 'system-ui, sans-serif' } },
    ...colour,
    { selector: 'node.iommu', style: { shape: 'cut-rectangle', 'border-width': sizes.dense ? 4 : 3, 'font-weight': 600, width: sizes.iommuWidth, height: sizes.iommuHeight,
      'font-size': sizes.dense ? 24 : 13 } },
    ...Object.entries(COLOURS).map(([word, name]) => ({ selector: `node.iommu.${word}`, style: { 'background-color': mix(css(name), panel, 0.13) } })),
    { selector: 'node.group', style: { width: 'data(width)', height: 'data(height)', 'background-color': mix(css('accent'), panel, 0.07), 'border-color': css('accent'),
      'border-style': 'dashed', 'border-width': 1.5, 'z-index': 1, 'text-valign': 'top', 'text-margin-y': 15, color: css('accent'), 'font-size': sizes.dense ? 7 : 12 } },
    { selector: 'edge', style: { width: 1.5, 'line-color': css('none'), 'curve-style': 'haystack', 'haystack-radius': 0, 'line-style': 'dashed', opacity: sizes.dense ? 0.25 : 0.6,
      'z-index-compare': 'manual', 'z-index': 0 } },
    { selector: 'edge.above', style: { opacity: 0.3 } },
    { selector: 'edge.other', style: { 'line-style': 'dotted', opacity: 0.35 } },
    { selector: 'edge.attached', style: { 'line-color': css('translated'), 'line-style': 'solid', width: 2, opacity: 0.9 } },
    { selector: 'edge.hidden', style: { display: 'none' } },
    { selector: 'node.chosen', style: { 'border-width': sizes.dense ? 4 : 4, 'border-color': css('accent'), 'z-index': 4 } },
  ];
}

export class BoardGraph {
  constructor(container, { onDevice, onGroup }) {
    this.container = container;
    this.cy = cytoscape({ container, minZoom: 0.03, maxZoom: 8, autoungrabify: true, boxSelectionEnabled: false, hideEdgesOnViewport: true });
    this.cy.on('tap', 'node', event => {
      const id = event.target.id();
      id.startsWith(GROUP) ? onGroup(Number(id.slice(GROUP.length))) : onDevice(id);
    });
    this.onDevice = onDevice;
    this.known = new Map();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.sizes && this.cy.style(style(this.sizes)));
    new ResizeObserver(() => {
      this.cy.resize();
      if (this.topology) {
        this.arrange();
      }
    }).observe(container);
    container.addEventListener('keydown', event => this.key(event));
  }

  show(topology, choice) {
    this.topology = topology;
    this.devices = shown(topology, choice);
    this.words = new Map();
    this.signature = '';
    const paths = new Set(this.devices.map(device => device.path));
    const iommus = new Set(this.devices.filter(device => device.iommu).map(device => device.path));
    const drawn = new Set();
    const edges = topology.edges.filter(edge => paths.has(edge.from) && paths.has(edge.to) && !drawn.has(edge.from + '>' + edge.to)
      && drawn.add(edge.from + '>' + edge.to));
    this.edges = edges;
    this.cy.batch(() => {
      this.cy.elements().remove();
      this.cy.add(this.devices.map(device => ({ group: 'nodes', data: { id: device.path, label: shortName(device.path).replace('@', '\n@') },
        classes: device.iommu ? 'iommu NO_DRIVER' : 'NO_DRIVER', position: { x: 0, y: 0 } })));
      this.cy.add(edges.map(edge => ({ group: 'edges', data: { id: edge.from + '>' + edge.to, source: edge.from, target: edge.to },
        classes: !iommus.has(edge.to) ? 'other' : iommus.has(edge.from) ? 'above' : '' })));
    });
    this.arranged = false;
  }

  /** Puts everything in its place for the present window and the groups known. */
  arrange() {
    const { clientWidth: width, clientHeight: height } = this.container;
    const { at, groups, sizes } = place(this.devices, this.edges, path => this.known.get(path), width && height ? width / height : 1.6);
    this.arranged = true;
    if (this.sizes !== sizes) {
      this.sizes = sizes;
      this.cy.style(style(sizes));
    }
    this.cy.batch(() => {
      at.forEach((position, path) => this.cy.getElementById(path).position(position));
      groups.forEach(({ x, y, width: w, height: h }, number) => {
        const box = this.cy.getElementById(GROUP + number);
        box.position({ x, y });
        box.data({ width: w, height: h });
      });
    });
    this.fit();
  }

  fit() {
    this.cy.fit(this.cy.elements(':visible'), 10);
  }

  /** Follows the state; only what differs is touched. `paths` are the devices that may differ, null for all. */
  update(devices, paths) {
    const differ = [];
    for (const path of paths ?? devices.keys()) {
      const device = devices.get(path);
      const node = device && this.cy.getElementById(path);
      if (node?.nonempty()) {
        const word = device.outcome + ' ' + device.group + ' ' + device.iommu;
        if (this.words.get(path)?.word !== word) {
          differ.push({ device, node, regrouped: this.words.get(path)?.group !== device.group });
          this.words.set(path, { word, group: device.group });
        }
      }
    }
    this.cy.batch(() => {
      if (differ.some(one => one.regrouped)) {
        this.drawGroups(devices);
      }
      for (const { device, node } of differ) {
        node.removeClass(WORDS).addClass(device.outcome);
        // A member's way to its IOMMU leads through its group's box.
        node.outgoers('edge').forEach(edge => edge.toggleClass('hidden', device.group != null && edge.target().id() === device.iommu));
      }
    });
    if (!this.arranged) {
      this.arrange();
    }
  }

  drawGroups(devices) {
    const groups = new Map();
    for (const device of devices.values()) {
      if (device.group != null && this.words.has(device.path)) {
        groups.has(device.group) ? groups.get(device.group).push(device) : groups.set(device.group, [device]);
      }
    }
    const signature = [...groups].map(([number, members]) => number + ':' + members.map(device => device.path).join()).sort().join(';');
    if (signature === this.signature) {
      return;
    }
    this.signature = signature;
    this.cy.elements('node.group').remove();
    for (const [number, members] of groups) {
      this.cy.add({ group: 'nodes', data: { id: GROUP + number, label: `group ${number}`, width: 10, height: 10 }, classes: 'group' });
      const iommu = members[0].iommu;
      if (iommu && this.cy.getElementById(iommu).nonempty()) {
        this.cy.add({ group: 'edges', data: { id: GROUP + number + '>', source: GROUP + number, target: iommu }, classes: 'attached' });
      }
      members.forEach(device => this.known.set(device.path, number));
    }
    // Boxes that are gone leave their members where they are, so that the picture does not jump at every unload.
    this.arranged = false;
  }

  choose(path) {
    this.cy.nodes('.chosen').removeClass('chosen');
    if (path) {
      this.cy.getElementById(path).addClass('chosen');
    }
  }

  /** Arrows go to the nearest device in that direction, plus and minus zoom, 0 shows everything. */
  key(event) {
    const direction = ARROWS[event.key];
    if (direction) {
      event.preventDefault();
      const next = this.neighbour(direction);
      if (next) {
        // At once, not with the next frame: the next key goes on from here.
        this.choose(next.id());
        this.onDevice(next.id());
      }
    } else if (event.key === '+' || event.key === '-') {
      this.cy.zoom({ level: this.cy.zoom() * (event.key === '+' ? 1.25 : 0.8), renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
    } else if (event.key === '0') {
      this.fit();
    }
  }

  neighbour([dx, dy]) {
    const devices = this.cy.nodes().not('.group');
    const from = this.cy.nodes('.chosen').not('.group');
    if (from.empty()) {
      return devices.nonempty() ? devices[0] : null;
    }
    const { x, y } = from[0].position();
    let best = null;
    devices.forEach(node => {
      const ahead = (node.position('x') - x) * dx + (node.position('y') - y) * dy;
      const aside = Math.abs((node.position('x') - x) * dy) + Math.abs((node.position('y') - y) * dx);
      const cost = ahead + 2.5 * aside;
      if (ahead > 1 && (!best || cost < best.cost)) {
        best = { cost, node };
      }
    });
    return best?.node ?? null;
  }
}
