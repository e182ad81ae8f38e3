// The time line: the log as a list and a scrubber over it. Position N means: after the first N entries.
import { $, make } from './dom.js';

const LINES_MAX = 300;
const AFTER = 40;

export class TimeLine {
  constructor(onMove) {
    this.live = true;
    this.position = 0;
    this.size = 0;
    this.onMove = onMove;
    $('scrubber').oninput = () => this.go(Number($('scrubber').value));
    $('back').onclick = () => this.step(-1);
    $('forward').onclick = () => this.step(1);
    $('live').onclick = () => {
      this.goLive();
      onMove();
    };
    $('debug').onchange = onMove;
  }

  goLive() {
    this.live = true;
    this.position = this.size;
  }

  go(position) {
    this.live = false;
    this.position = Math.max(0, Math.min(position, this.size));
    this.onMove();
  }

  /** To the next entry the list shows. */
  step(direction) {
    let at = this.live ? this.size : this.position;
    do {
      at += direction;
    } while (at > 0 && at < this.size && !this.visible(this.log[at - 1]));
    this.go(at);
  }

  visible(entry) {
    return entry && ($('debug').checked || entry.level !== 'DEBUG');
  }

  draw(log) {
    this.log = log;
    this.size = log.length;
    if (this.live) {
      this.position = this.size;
    }
    $('scrubber').max = this.size;
    $('scrubber').value = this.position;
    const last = log[this.position - 1];
    $('scrubber').setAttribute('aria-valuetext', last ? `${last.time.toFixed(6)} s, ${last.subject} ${last.text}` : 'start');
    $('live').setAttribute('aria-pressed', this.live);
    this.list(log);
  }

  /** Whether the list only has to grow. */
  grows(log) {
    const before = this.drawn;
    this.drawn = { log, size: log.length, live: this.live, debug: $('debug').checked };
    return before && before.log === log && before.live && this.live && before.size <= log.length && before.size > 0
      && before.debug === this.drawn.debug ? before.size : -1;
  }

  list(log) {
    const from = this.grows(log);
    if (from >= 0) {
      const fresh = log.slice(from).map((entry, i) => this.visible(entry) && this.line(entry, from + i, false)).filter(Boolean);
      $('log').append(...fresh.slice(-LINES_MAX));
      while ($('log').children.length > LINES_MAX) {
        $('log').firstElementChild.remove();
      }
      if (fresh.length) {
        $('log').scrollTop = $('log').scrollHeight;
      }
      return;
    }
    const lines = [];
    for (let i = this.position - 1; i >= 0 && lines.length < LINES_MAX; i--) {
      if (this.visible(log[i])) {
        lines.unshift(this.line(log[i], i, lines.length === 0));
      }
    }
    let current = lines.at(-1);
    for (let i = this.position, after = 0; i < log.length && after < AFTER; i++) {
      if (this.visible(log[i])) {
        lines.push(this.line(log[i], i, false, 'future'));
        after++;
      }
    }
    const focused = document.activeElement?.closest?.('#log li')?.dataset.at;
    $('log').replaceChildren(...lines);
    if (focused !== undefined) {
      $('log').querySelector(`li[data-at="${focused}"] button`)?.focus({ preventScroll: true });
    }
    if (this.live) {
      $('log').scrollTop = $('log').scrollHeight;
    } else if (current) {
      $('log').scrollTop = current.offsetTop - $('log').offsetTop - $('log').clientHeight / 2;
    }
  }

  line(entry, index, current, extra = '') {
    const text = `[${entry.time.toFixed(6).padStart(12)}] ${entry.subject ? entry.subject + ': ' : ''}${entry.text}`;
    const item = make('li', { className: `${entry.level} ${extra}` },
      make('button', { type: 'button', tabIndex: -1, onclick: () => this.go(index + 1) }, text));
    item.dataset.at = index;
    if (current && !this.live) {
      item.setAttribute('aria-current', 'step');
    }
    return item;
  }
}
