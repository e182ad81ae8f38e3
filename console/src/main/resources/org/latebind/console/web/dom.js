// Small pieces of the document.

export const $ = id => document.getElementById(id);

/** An element with properties and children; a key with a dash is an attribute. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes('-')) {
      element.setAttribute(key, value);
    } else if (key === 'dataset') {
      Object.assign(element.dataset, value);
    } else {
      element[key] = value;
    }
  }
  element.append(...children);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** A reason tree as nested lists. */
export function reasonTree(reason) {
  const item = make('li', {}, make('span', { className: 'kind' }, reason.kind), reason.text || reason.subject);
  if (reason.causes.length) {
    item.append(make('ul', {}, ...reason.causes.map(reasonTree)));
  }
  return item;
}
