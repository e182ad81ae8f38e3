// The chosen device: what it is, why it is so, what cures it (with a button that does it), and its critical path.
import { $, make, setText, reasonTree } from './dom.js';
import { shortName } from './graph.js';

export const outcome = word => make('span', { className: 'word ' + word }, word);

const ask = async (what, device) => (await fetch(`/api/${what}?device=${encodeURIComponent(device)}`)).json();

export class DeviceDetail {
  /** `send` carries a command out and answers {ok}; `choose` goes to another device. */
  constructor(send, choose) {
    this.send = send;
    this.choose = choose;
    this.facts = make('div');
    this.why = make('div');
    this.cure = make('div', { id: 'cure' });
    this.chain = make('pre', { tabIndex: 0 });
    this.path = make('details', { id: 'chain' }, make('summary', {}, 'Critical path'), this.chain);
    this.path.addEventListener('toggle', () => this.path.open && this.fillChain());
    this.asked = 0;
  }

  draw(device, live, state) {
    setText($('detail-title'), device ? shortName(device.path) : 'Chosen device');
    if (!device) {
      $('detail').replaceChildren(make('p', { className: 'hint' }, 'Choose a device in the graph or in the table.'));
      this.shown = null;
      return;
    }
    if (!this.facts.isConnected) {
      $('detail').replaceChildren(this.facts, this.cure, this.why, this.path);
    }
    const other = this.shown?.path !== device.path;
    const changed = other || this.shown !== device || this.live !== live;
    const key = live && state ? [state.path, state.outcome, JSON.stringify(state.reason)].join() : null;
    this.shown = device;
    this.live = live;
    if (!changed) {
      return;
    }
    this.drawFacts(device, state, live);
    this.why.replaceChildren(...device.reason ? [make('h3', {}, 'Why'), make('ul', { className: 'tree' }, reasonTree(device.reason))] : []);
    if (key !== this.key) {
      this.key = key;
      this.cure.replaceChildren();
      if (key && state.outcome !== 'BOUND_TRANSLATED') {
        this.explain(device.path);
      }
    }
    if (other || this.path.open) {
      this.chain.textContent = '';
      this.path.open && this.fillChain();
    }
  }

  drawFacts(device, state, live) {
    const focused = document.activeElement?.dataset?.action;
    const facts = [['Path', device.path], ['Outcome', outcome(device.outcome)], ['Compatible', state?.compatible.join(', ')],
      ['Driver', device.driver], ['IOMMU', device.iommu && this.link(device.iommu)], ['Group', device.group], ['Streams', device.streams.join(', ')],
      ['Bound at', device.boundAt.slice(-3).map(time => time.toFixed(6) + ' s').join(', ')]].filter(([, value]) => value != null && value !== '');
    const verb = state?.driver ? 'unbind' : 'bind';
    const button = make('button', { type: 'button', dataset: { action: 'bind' }, disabled: !live, onclick: () => this.send(`${verb} ${device.path}`) },
      verb === 'bind' ? 'Bind' : 'Unbind');
    this.facts.replaceChildren(make('dl', {}, ...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)])),
      make('div', { className: 'row' }, button));
    if (focused === 'bind') {
      button.focus();
    }
  }

  link(path) {
    return make('button', { type: 'button', className: 'link', onclick: () => this.choose(path) }, path);
  }

  async explain(path) {
    const asked = ++this.asked;
    let told;
    try {
      told = await ask('explain', path);
    } catch {
      return;
    }
    if (asked === this.asked && this.shown?.path === path && this.live) {
      this.cure.replaceChildren(...this.cureParts(told));
    }
  }

  cureParts(told) {
    if (!told.device) {
      return [make('p', { className: 'hint' }, told.text)];
    }
    const parts = [];
    if (told.note) {
      parts.push(make('p', { className: 'hint' }, told.note));
    }
    if (told.steps.length) {
      const cures = told.outcomeAfterCures.startsWith('BOUND');
      parts.push(make('h3', {}, cures ? 'Cure' : 'Known commands lead only this far'),
        make('ol', { className: 'steps' }, ...told.steps.map(step => make('li', {}, make('code', {}, step.command), ' → ', outcome(step.outcome)))),
        make('button', { type: 'button', className: 'main', dataset: { action: 'cure' }, onclick: event => this.doIt(event.target, told.cures) },
          told.cures.length > 1 ? 'Do all ' + told.cures.length : 'Do it'));
    } else {
      parts.push(make('p', { className: 'hint' }, 'No known command makes it better.'));
    }
    if (told.remaining && told.steps.length && told.remaining.causes.length) {
      parts.push(make('p', { className: 'hint' }, 'Even then:'), make('ul', { className: 'tree' }, reasonTree(told.remaining)));
    }
    if (told.nearMiss) {
      const { driver, module, offered, wanted } = told.nearMiss;
      parts.push(make('h3', {}, 'Nearest miss'), make('p', { className: 'miss' }, `Driver ${driver} of module ${module} matches `,
        make('code', {}, offered), ', the tree says ', make('code', {}, wanted), '. Misspelt?'));
    }
    return parts;
  }

  async doIt(button, commands) {
    button.disabled = true;
    for (const line of commands) {
      if (!(await this.send(line)).ok) {
        button.disabled = false;
        return;
      }
    }
    $('detail-title').focus();
  }

  async fillChain() {
    try {
      this.chain.textContent = (await ask('chain', this.shown.path)).text;
    } catch {
      this.chain.textContent = 'the server does not answer';
    }
  }
}
