// Driver modules as cards with buttons; cards can be dragged. Cards stay in place, so the focus does too.
import { $, make, setText } from './dom.js';

export class ModuleCards {
  constructor(send) {
    this.send = send;
    this.cards = new Map();
  }

  draw(modules) {
    for (const [name, card] of this.cards) {
      if (!modules.some(module => module.name === name)) {
        card.element.remove();
        card.chip.remove();
        this.cards.delete(name);
      }
    }
    for (const module of modules) {
      const card = this.cards.get(module.name) ?? this.add(module.name);
      card.module = module;
      card.element.dataset.loaded = module.loaded;
      setText(card.state, module.version.replace('.SNAPSHOT', '') + ' · ' + (module.loaded ? 'loaded' : 'not loaded') + (module.drivers.length ? ' · ' + module.drivers.join(', ') : ''));
      card.state.title = card.state.textContent;
      setText(card.toggle, module.loaded ? 'Unload' : 'Load');
      card.toggle.setAttribute('aria-label', `${module.loaded ? 'Unload' : 'Load'} ${module.name}`);
      card.toggle.className = module.loaded ? '' : 'main';
      card.restart.disabled = !module.loaded;
      card.chip.hidden = !module.loaded;
    }
  }

  add(name) {
    const card = { state: make('small') };
    card.toggle = make('button', { type: 'button', onclick: () => this.send(`${card.module.loaded ? 'unload' : 'load'} ${name}`) });
    card.restart = make('button', { type: 'button', 'aria-label': 'Restart ' + name, onclick: () => this.send('restart ' + name) }, 'Restart');
    card.element = make('li', { draggable: true, title: 'drag onto the board to load, back here to unload' },
      make('div', { className: 'words' }, make('b', {}, name), card.state),
      make('div', { className: 'row' }, card.toggle, card.restart));
    card.element.dataset.module = name;
    card.chip = make('li', { draggable: true, title: 'drag to the modules to unload' }, name);
    for (const source of [card.element, card.chip]) {
      source.addEventListener('dragstart', event => event.dataTransfer.setData('application/x-latebind', name));
    }
    $('modules').append(card.element);
    $('loaded').append(card.chip);
    this.cards.set(name, card);
    return card;
  }
}
