// IOMMU units with their groups, and the page table of a group's domain on request.
import { make } from './dom.js';

/** Draws the units; what is open stays open. */
export function showGroups(container, state) {
  const open = new Set([...container.querySelectorAll('details[open]')].map(one => one.dataset.key));
  if (!state.iommus.length) {
    container.replaceChildren(make('p', { className: 'hint' }, 'No IOMMU is registered.'));
    return;
  }
  container.replaceChildren(...state.iommus.map(unit => {
    const groups = state.groups.filter(group => group.iommu === unit.path);
    return make('article', {}, make('h3', {}, unit.path),
      make('p', { className: 'hint' }, `${unit.driver}, ${unit.clients.length} clients, ${unit.domains.length} domains`),
      ...groups.map(group => groupPart(group, open.has('g' + group.number))));
  }));
}

function groupPart(group, open) {
  const tables = make('div', { className: 'tables tree' });
  const part = make('details', { open }, make('summary', {}, `Group ${group.number}: ${group.type} ${group.domain}`),
    make('ul', { className: 'tree' }, make('li', {}, make('span', { className: 'kind' }, 'members'), group.members.join(', '))), tables);
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
