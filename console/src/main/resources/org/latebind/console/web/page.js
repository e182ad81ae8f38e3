// The page: what the runtime tells, drawn; what a person does, asked of the runtime.
import { $, make, setText } from './dom.js';
import { connect, command, token } from './connection.js';
import { BoardGraph, shortName } from './graph.js';
import { shown } from './layout.js';
import { DeviceDetail, outcome } from './detail.js';
import { devicesAt } from './replay.js';
import { TimeLine } from './timeline.js';
import { TimeStrip } from './strip.js';
import { openGroup, showGroups } from './groups.js';
import { ModuleCards } from './modules.js';

const ROWS_STEP = 100;
const GRAPH_DELAY_MILLIS = 30;
const WORDS = { BOUND_TRANSLATED: 'translated', BOUND_IDENTITY: 'identity', BOUND_DIRECT: 'direct', BOUND_BLOCKED: 'blocked',
  PENDING: 'waiting', GROUPED_UNBOUND: 'held back by its group', FAILED: 'failed', FORCED_OFF: 'forced off', NO_DRIVER: 'no driver' };
const EVENTS = [['late-init', 'Late init'], ['expire', 'Expire timer'], ['advance 1', 'Advance 1 s']];

let chosen = null;
let rowsMax = ROWS_STEP;
let graphShown = false;
let graphWaits = false;
/** Devices the graph has to draw anew; null for all. */
let graphDirty = null;
let earlier = Promise.resolve();
const dirty = new Set();
const rows = new Map();
const concerned = { of: null, paths: null };

token.take();
const graph = new BoardGraph($('graph'), { onDevice: choose, onGroup: openGroup });
const strip = new TimeStrip($('strip'), position => timeline.go(position));
const detail = new DeviceDetail(send, choose);
const timeline = new TimeLine(() => mark('time'));
const modules = new ModuleCards(send);
const store = connect({
  onLink: live => {
    setText($('link'), live ? 'live' : 'connection lost, trying again');
    $('link').dataset.live = live;
  },
  onChange: parts => {
    if (parts.run) {
      $('board').textContent = store.topology.name;
      document.title = store.topology.name + ' · Latebind';
      rows.clear();
      graphShown = false;
      $('devices').tBodies[0].replaceChildren();
      timeline.goLive();
    }
    const { changed, ...marks } = parts;
    if (marks.devices) {
      changed && timeline.live ? changed.forEach(path => graphDirty?.add(path)) : graphDirty = null;
    }
    Object.keys(marks).filter(key => marks[key]).forEach(mark);
  },
});

function mark(part) {
  if (dirty.size === 0) {
    requestAnimationFrame(draw);
  }
  dirty.add(part);
}

/** Devices at the moment the person looks at. */
function devicesNow() {
  return timeline.live ? store.state.devices : devicesAt(store.topology, store.log, timeline.position);
}

function draw() {
  const parts = new Set(dirty);
  dirty.clear();
  if (!store.topology) {
    return;
  }
  const has = (...names) => names.some(name => parts.has(name) || parts.has('run'));
  if (has('log', 'time')) {
    timeline.draw(store.log);
    strip.draw(store.log, timeline.position, timeline.live);
    drawPast();
  }
  if (has('filter')) {
    graphShown = false;
  }
  if (has('filter', 'time')) {
    graphDirty = null;
  }
  if (has('devices', 'time', 'filter', 'search', 'chosen') && store.state.board) {
    const devices = devicesNow();
    drawGraphSoon();
    drawTable(devices);
    drawSummary(devices);
    detail.draw(devices.get(chosen), timeline.live, store.state.devices.get(chosen));
    performance.mark('latebind-drawn');
  }
  if (has('modules') && store.state.modules) {
    modules.draw(store.state.modules);
  }
  if (has('groups', 'iommus') && store.state.groups) {
    showGroups($('groups'), store.state);
  }
  if (has('clients') && store.state.clients) {
    drawClients();
  }
  if (has('findings') && store.state.findings) {
    drawFindings();
  }
}

/** The graph is drawn after the words: it takes longer, and nobody has to wait for it. */
function drawGraphSoon() {
  if (!graphWaits) {
    graphWaits = true;
    setTimeout(() => {
      graphWaits = false;
      if (!store.topology) {
        return;
      }
      if (!graphShown) {
        graph.show(store.topology, $('filter').value);
        graphShown = true;
        graphDirty = null;
      }
      graph.update(devicesNow(), graphDirty);
      graphDirty = new Set();
      graph.choose(chosen);
    }, GRAPH_DELAY_MILLIS);
  }
}

function drawPast() {
  $('past').hidden = timeline.live;
  if (!timeline.live) {
    const entry = store.log[timeline.position - 1];
    setText($('past'), `You look back: after event ${timeline.position} of ${store.log.length}`
      + (entry ? `, at ${entry.time.toFixed(6)} s. ` : '. ') + 'Buttons act on the live board.');
  }
}

function drawSummary(devices) {
  const counts = new Map();
  devices.forEach(device => counts.set(device.outcome, (counts.get(device.outcome) ?? 0) + 1));
  const words = Object.keys(WORDS).filter(word => counts.has(word)).map(word => `${counts.get(word)} ${WORDS[word]}`);
  setText($('summary'), `${devices.size} devices: ${words.join(', ')} · policy ${store.state.policy}`);
}

function matches(device, text) {
  return !text || [device.path, device.driver, device.outcome, ...(store.state.devices.get(device.path)?.compatible ?? [])]
    .some(word => word && word.toLowerCase().includes(text));
}

/** IOMMUs and their masters first: on a real board they are few among many. */
function ordered(devices) {
  if (concerned.of !== store.topology) {
    concerned.of = store.topology;
    concerned.paths = new Set(shown(store.topology, 'iommu').map(device => device.path));
  }
  const all = [...devices.values()];
  return [...all.filter(device => concerned.paths.has(device.path)), ...all.filter(device => !concerned.paths.has(device.path))];
}

function drawTable(devices) {
  const text = $('search').value.trim().toLowerCase();
  const wanted = ordered(devices).filter(device => matches(device, text));
  const part = wanted.slice(0, rowsMax);
  const body = $('devices').tBodies[0];
  const paths = new Set(part.map(device => device.path));
  for (const [path, row] of rows) {
    if (!paths.has(path)) {
      row.element.remove();
      rows.delete(path);
    }
  }
  let before = null;
  for (const device of part) {
    const row = rows.get(device.path) ?? newRow(device.path);
    if (row.device !== device) {
      fillRow(row, device);
    }
    row.element.classList.toggle('chosen', device.path === chosen);
    if (row.element.previousElementSibling !== before || row.element.parentNode !== body) {
      before ? before.after(row.element) : body.prepend(row.element);
    }
    before = row.element;
  }
  if (part.length === wanted.length) {
    $('more').replaceChildren();
  } else if (!$('more').firstChild || $('more').dataset.said !== `${part.length}/${wanted.length}`) {
    $('more').dataset.said = `${part.length}/${wanted.length}`;
    $('more').replaceChildren(`${part.length} of ${wanted.length} devices. `, make('button', { type: 'button', onclick: moreRows }, 'Show more'));
  }
}

/** The table grows as it is scrolled: a thousand rows are not laid out for somebody who looks at twenty. */
function moreRows() {
  rowsMax += ROWS_STEP;
  mark('search');
}

function newRow(path) {
  const button = make('button', { type: 'button', title: path, onclick: () => choose(path) }, path);
  const cells = [make('td', {}, button), make('td'), make('td'), make('td'), make('td')];
  const row = { element: make('tr', {}, ...cells), cells };
  row.element.dataset.path = path;
  rows.set(path, row);
  return row;
}

function fillRow(row, device) {
  row.device = device;
  row.element.dataset.outcome = device.outcome;
  row.cells[1].replaceChildren(outcome(device.outcome));
  setText(row.cells[2], device.driver ?? '');
  setText(row.cells[3], device.group ?? '');
  setText(row.cells[4], device.iommu ? shortName(device.iommu) : '');
  row.cells[4].title = device.iommu ?? '';
}

function choose(path) {
  chosen = path;
  mark('chosen');
}

/** Only what came or went is touched: a thousand choices are not made anew for one. */
function drawClients() {
  const select = $('dma-device');
  const paths = Object.keys(store.state.clients);
  const wanted = new Set(paths);
  for (const option of [...select.options]) {
    if (!wanted.has(option.value)) {
      option.remove();
    }
  }
  let at = select.options[0];
  for (const path of paths) {
    if (at?.value === path) {
      at = at.nextElementSibling;
    } else {
      select.insertBefore(make('option', { value: path }, path), at ?? null);
    }
  }
  $('dma').querySelector('button').disabled = paths.length === 0;
}

function drawFindings() {
  const findings = store.state.findings;
  setText($('findings-count'), findings.length ? `(${findings.length})` : '');
  $('findings').replaceChildren(...(findings.length ? findings.slice(-200).map(finding =>
    make('li', {}, make('code', {}, finding.rule), ` ${finding.device}: ${finding.detail}`))
    : [make('li', { className: 'hint' }, 'The hardware has no complaint.')]));
}

/** Asks the runtime for something and says what came of it. One thing after the other: a quick hand is not refused. */
function send(line) {
  const answer = earlier.then(() => ask(line));
  earlier = answer.catch(() => undefined);
  return answer;
}

async function ask(line) {
  say(line + ' …', true);
  const answer = await command(line);
  if (answer.status === 401) {
    $('token-form').hidden = false;
    $('token').focus();
  }
  say(`${line}: ${answer.text || (answer.ok ? 'done' : 'refused')}`, answer.ok);
  return answer;
}

function say(text, ok) {
  setText($('answer'), text);
  $('answer').title = text;
  $('answer').dataset.ok = ok;
}

async function fillBlame() {
  if ($('blame').open) {
    try {
      setText($('blame').querySelector('pre'), (await (await fetch('/api/blame')).json()).text);
    } catch {
      setText($('blame').querySelector('pre'), 'the server does not answer');
    }
  }
}

function dmaLine() {
  const kind = $('dma-kind').value;
  const address = kind.endsWith('-at') ? ' ' + $('dma-address').value.trim() : '';
  return `dma ${$('dma-device').value} ${kind}${address} ${$('dma-data').value.trim()} stream ${$('dma-stream').value || 0}`;
}

function wire() {
  $('filter').replaceChildren(make('option', { value: 'iommu' }, 'IOMMUs and their masters'),
    make('option', { value: 'edges' }, 'with all suppliers'), make('option', { value: 'all' }, 'every device'));
  $('filter').onchange = () => mark('filter');
  $('fit').onclick = () => graph.fit();
  $('search').oninput = () => {
    rowsMax = ROWS_STEP;
    mark('search');
  };
  $('devices-scroll').addEventListener('scroll', ({ target }) => {
    if ($('more').firstChild && target.scrollTop + target.clientHeight > target.scrollHeight - 200) {
      moreRows();
    }
  }, { passive: true });
  $('blame').addEventListener('toggle', fillBlame);
  $('legend').replaceChildren(...Object.entries(WORDS).map(([word, text]) =>
    make('li', { title: word }, make('span', { className: 'dot ' + word, 'aria-hidden': 'true' }), text)),
  make('li', {}, 'cut corners: IOMMU'), make('li', {}, 'dashed box: group'));
  $('events').replaceChildren(...EVENTS.map(([line, text]) => make('button', { type: 'button', onclick: () => send(line) }, text)));
  $('token-form').onsubmit = event => {
    event.preventDefault();
    token.set($('token').value.trim().replace(/^.*token=/, ''));
    $('token-form').hidden = true;
    say('The token is kept for this tab.', true);
  };
  $('token-form').hidden = token.get() !== '';
  $('dma-kind').onchange = () => {
    const kind = $('dma-kind').value;
    $('dma-address-part').hidden = !kind.endsWith('-at');
    setText($('dma-data-label'), kind === 'read-at' ? 'Length in bytes' : 'Data');
    $('dma-data').value = kind === 'read-at' ? '16' : 'hello';
  };
  $('dma').onsubmit = async event => {
    event.preventDefault();
    const answer = await send(dmaLine());
    $('dma-log').prepend(make('li', { dataset: { ok: answer.ok } }, answer.text));
    while ($('dma-log').children.length > 50) {
      $('dma-log').lastElementChild.remove();
    }
  };
  const drop = (element, verb) => {
    element.addEventListener('dragover', event => {
      if (event.dataTransfer.types.includes('application/x-latebind')) {
        event.preventDefault();
        element.classList.add('drop');
      }
    });
    element.addEventListener('dragleave', () => element.classList.remove('drop'));
    element.addEventListener('drop', event => {
      event.preventDefault();
      element.classList.remove('drop');
      const name = event.dataTransfer.getData('application/x-latebind');
      const module = store.state.modules.find(one => one.name === name);
      if (module && module.loaded === (verb === 'unload')) {
        send(`${verb} ${name}`);
      }
    });
  };
  drop($('board-part'), 'load');
  drop($('modules-part'), 'unload');
}

wire();
