// The time line drawn: one lane for each sort of event, one mark for each event. Wheel zooms, a press or a drag moves the position.
// The slider beside it says the same to keyboards and screen readers.
import { $, make } from './dom.js';

const LANES = [
  ['modules', 'accent', ['DRIVER_ADDED', 'DRIVER_REMOVED', 'DRIVER_MISBEHAVED', 'COMMAND', 'PARAMETER', 'TIMER', 'BOARD', 'EVENT']],
  ['waits', 'waiting', ['DEFERRED', 'FAILED']],
  ['bound', 'translated', ['BOUND']],
  ['IOMMUs, groups', 'identity', ['IOMMU_ADDED', 'IOMMU_REMOVED', 'GROUP_JOINED', 'GROUP_LEFT']],
  ['released', 'direct', ['RELEASED']],
  ['faults', 'failed', ['FINDING']],
];
const LEFT = 108;
const LANE = 17;
const BOTTOM = 24;
const FAULT = /fault/i;

const css = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

function laneOf(entry) {
  if (entry.level === 'ERROR' || FAULT.test(entry.text)) {
    return LANES.length - 1;
  }
  return LANES.findIndex(lane => lane[2].includes(entry.kind));
}

export class TimeStrip {
  constructor(container, onGo) {
    this.container = container;
    this.onGo = onGo;
    this.canvas = make('canvas');
    this.height = LANES.length * LANE + BOTTOM;
    container.style.height = this.height + 'px';
    container.append(this.canvas);
    this.lanes = [];
    this.ready = this.load();
    new ResizeObserver(() => this.paint()).observe(container);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.paint());
  }

  /** The library comes after the words of the page: nobody waits for it. */
  async load() {
    await import('./d3/d3.min.js');
    const d3 = globalThis.d3;
    this.d3 = d3;
    this.transform = d3.zoomIdentity;
    this.svg = d3.select(this.container).append('svg').attr('aria-hidden', 'true');
    this.axis = this.svg.append('g').attr('class', 'axis');
    this.svg.append('g').selectAll('text').data(LANES).join('text').attr('x', LEFT - 8).attr('y', (lane, i) => i * LANE + 12)
      .attr('text-anchor', 'end').attr('class', 'lane').text(lane => lane[0]);
    this.cursor = this.svg.append('line').attr('class', 'cursor').attr('y1', 0).attr('y2', LANES.length * LANE + 4);
    this.zoom = d3.zoom().scaleExtent([1, 400]).filter(event => event.type === 'wheel' ? event.ctrlKey || event.shiftKey : event.type === 'dblclick')
      .on('zoom', event => {
        this.transform = event.transform;
        this.paint();
      });
    this.svg.call(this.zoom).on('dblclick.zoom', () => this.svg.call(this.zoom.transform, d3.zoomIdentity));
    this.svg.call(d3.drag().on('start drag', event => this.onGo(Math.round(this.x().invert(event.x)))));
    this.paint();
  }

  x() {
    const width = this.container.clientWidth;
    this.zoom.extent([[LEFT, 0], [width - 8, this.height]]).translateExtent([[LEFT, 0], [width - 8, this.height]]);
    return this.transform.rescaleX(this.d3.scaleLinear([0, Math.max(1, this.log?.length ?? 1)], [LEFT, width - 8]));
  }

  draw(log, position, live) {
    this.log = log;
    this.position = position;
    this.live = live;
    if (!this.waits) {
      this.waits = true;
      setTimeout(() => {
        this.waits = false;
        this.paint();
      }, 60);
    }
  }

  paint() {
    const { log, d3 } = this;
    const width = this.container.clientWidth;
    if (!log || !d3 || !width) {
      return;
    }
    if (this.lanes.length > log.length || this.lanesOf !== log) {
      this.lanes = [];
      this.lanesOf = log;
    }
    for (let i = this.lanes.length; i < log.length; i++) {
      this.lanes.push(log[i] ? laneOf(log[i]) : -1);
    }
    const x = this.x();
    this.paintMarks(x, width);
    this.svg.attr('width', width).attr('height', this.height);
    const time = i => log[Math.min(log.length, Math.max(1, Math.round(i))) - 1]?.time.toFixed(3) ?? '0.000';
    this.axis.attr('transform', `translate(0,${LANES.length * LANE + 2})`)
      .call(d3.axisBottom(x).ticks(Math.max(2, Math.floor((width - LEFT) / 130))).tickFormat(i => `${time(i)} s`));
    const at = x(this.position);
    this.cursor.attr('x1', at).attr('x2', at).style('display', at < LEFT - 1 ? 'none' : null);
  }

  paintMarks(x, width) {
    const ratio = devicePixelRatio || 1;
    const { canvas } = this;
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(this.height * ratio);
      canvas.style.width = width + 'px';
      canvas.style.height = this.height + 'px';
    }
    const ink = canvas.getContext('2d');
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    ink.clearRect(0, 0, width, this.height);
    ink.fillStyle = css('ground');
    for (let lane = 0; lane < LANES.length; lane += 2) {
      ink.fillRect(LEFT, lane * LANE, width - LEFT - 8, LANE);
    }
    const colours = LANES.map(lane => css(lane[1]));
    const step = x(1) - x(0);
    const wide = Math.max(1.5, Math.min(10, step - 1));
    const first = Math.max(0, Math.floor(x.invert(LEFT)) - 1);
    const last = Math.min(this.lanes.length, Math.ceil(x.invert(width)));
    for (let i = first; i < last; i++) {
      const lane = this.lanes[i];
      const left = x(i + 1) - wide / 2;
      if (lane < 0 || left < LEFT - wide) {
        continue;
      }
      ink.globalAlpha = !this.live && i >= this.position ? 0.3 : 1;
      ink.fillStyle = colours[lane];
      ink.fillRect(left, lane * LANE + 3, wide, LANE - 6);
    }
    ink.globalAlpha = 1;
  }
}
