// IOMMU units with their groups, and the page table of a group's domain on request.
import { make } from './dom.js';

const MEMBERS_SHOWN = 8;

/** Draws the units; what is open stays open. */
export function showGroups(container, state) {
  const key = JSON.stringify([state.iommus, state.groups]);
  if (container.dataset.drawn === key) {
    return;
  }
  container.dataset.drawn = key;
  const open = new Set([...container.querySelectorAll('details[open]')].map(one => one.dataset.key));
  if (!state.iommus.length) {
    container.replaceChildren(make('p', { className: 'hint' }, 'No IOMMU is registered: load its driver.'));
    return;
  }
  const used = state.iommus.filter(unit => unit.clients.length);
  const idle = state.iommus.filter(unit => !unit.clients.length);
  container.replaceChildren(...used.map(unit => {
    const groups = state.groups.filter(group => group.iommu === unit.path);
    return make('article', {}, make('h3', {}, unit.path),
      make('p', { className: 'hint' }, `${unit.driver}, ${counted(unit.clients.length, 'client')}, ${counted(unit.domains.length, 'domain')}`),
      ...groups.map(group => groupPart(group, open.has('g' + group.number))));
  }));
  if (idle.length) {
    const part = make('details', { open: open.has('idle') }, make('summary', {}, `${counted(idle.length, 'IOMMU')} without clients`),
      make('p', { className: 'hint' }, idle.map(unit => unit.path).join(', ')));
    part.dataset.key = 'idle';
    container.append(part);
  }
}

/** Opens a group's part and goes there. */
export function openGroup(number) {
  const part = document.querySelector(`#groups details[data-key="g${number}"]`);
  if (part) {
    part.open = true;
    part.querySelector('summary').focus();
    part.scrollIntoView({ block: 'nearest' });
  }
}

const counted = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;

function groupPart(group, open) {
  const tables = make('div', { className: 'tables tree' });
  const more = group.members.length - MEMBERS_SHOWN;
  const domain = group.domain.split(', ')[0];
  const part = make('details', { open }, make('summary', {}, make('b', {}, `Group ${group.number}`), ` ${group.type} · ${domain} · ${counted(group.members.length, 'member')}`),
    make('p', { className: 'hint' }, group.members.slice(0, MEMBERS_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '')), tables);
  part.dataset.key = 'g' + group.number;
  const load = () => part.open && fill(tables, group.number);
  part.addEventListener('toggle', load);
  return part;
}

async function fill(tables, number) {
  try {
    const document = await (await fetch('/api/tables?group=' + number)).json();
    if (!document.entries) {
      tables.replaceChildren(document.text ?? 'no page table');
      return;
    }
    const button = make('button', { type: 'button', onclick: () => fill(tables, number) }, 'Read again');
    tables.replaceChildren(make('div', { className: 'row' }, button, `${document.format}, ${document.entries.length} of ${document.total} entries`), nest(document.entries));
  } catch {
    tables.replaceChildren('the server does not answer');
  }
}

function nest(entries) {
  const root = make('ul');
  const path = [root];
  for (const entry of entries) {
    const item = make('li', {}, make('span', { className: 'kind' }, `L${entry.level} ${entry.kind}`),
      `${entry.from}–${entry.to} → ${entry.target} ${entry.attributes}`);
    path.length = entry.depth + 1;
    (path[entry.depth] ?? root).append(item);
    const below = make('ul');
    path.push(below);
    if (entry.kind === 'TABLE') {
      item.append(below);
    }
  }
  return root;
}
