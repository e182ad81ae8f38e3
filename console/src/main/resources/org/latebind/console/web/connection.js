// The line to the runtime: server-sent events in, commands out. Comes back by itself when the server does.

const RETRY_MILLIS = 1000;

/** The state as the server last told it, and the whole log. */
export function connect({ onChange, onLink }) {
  const store = { run: null, topology: null, log: [], state: { devices: new Map() } };
  let last = '';
  const open = () => {
    const source = new EventSource('/api/events' + (last ? '?last=' + encodeURIComponent(last) : ''));
    const again = () => {
      source.close();
      onLink(false);
      setTimeout(open, RETRY_MILLIS);
    };
    source.addEventListener('error', again);
    source.addEventListener('hello', async event => {
      const hello = JSON.parse(event.data);
      if (hello.run !== store.run) {
        store.run = hello.run;
        store.log.length = 0;
        store.state = { devices: new Map() };
        store.topology = null;
        try {
          store.topology = await (await fetch('/api/board')).json();
        } catch {
          store.run = null;
          last = '';
          again();
          return;
        }
        onChange({ run: true });
      }
      onLink(true);
    });
    source.addEventListener('log', event => {
      for (const entry of JSON.parse(event.data)) {
        store.log[entry.sequence] = entry;
      }
      last = event.lastEventId;
      onChange({ log: true });
    });
    source.addEventListener('state', event => {
      performance.mark('latebind-told');
      onChange(merge(store.state, JSON.parse(event.data)));
    });
  };
  open();
  return store;
}

/** Merges a delta; says which parts changed, and in `changed` which devices (null: any). */
export function merge(state, delta) {
  const { devices, removed, whole, at, ...parts } = delta;
  if (whole) {
    state.devices.clear();
  }
  Object.assign(state, parts);
  for (const path of removed ?? []) {
    state.devices.delete(path);
  }
  for (const device of devices ?? []) {
    state.devices.set(device.path, device);
  }
  return { ...Object.fromEntries(Object.keys(parts).map(key => [key, true])), devices: Boolean(whole || devices || removed),
    changed: whole || removed ? null : (devices ?? []).map(device => device.path) };
}

/** The token: from the address once, then kept for this tab. */
export const token = {
  take() {
    const found = /[#&]token=([^&]+)/.exec(location.hash);
    if (found) {
      sessionStorage.setItem('latebind-token', found[1]);
      history.replaceState(null, '', location.pathname);
    }
  },
  get: () => sessionStorage.getItem('latebind-token') ?? '',
  set: value => sessionStorage.setItem('latebind-token', value),
};

/** Sends one line of the schedule language; answers {ok, text, status}. */
export async function command(line) {
  try {
    const response = await fetch('/api/command', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Latebind-Token': token.get() },
      body: JSON.stringify({ line }),
    });
    return { status: response.status, ...await response.json() };
  } catch {
    return { status: 0, ok: false, text: 'the server does not answer' };
  }
}
