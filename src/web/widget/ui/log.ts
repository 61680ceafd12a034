import { dayHeading, sameDay } from '../../shared/format.ts';
import type { Controller, ViewState } from '../chat/controller.ts';
import type { Entry } from '../chat/model.ts';
import { stringsFor, type Lang } from '../strings.ts';
import { downIcon, h, setText } from './dom.ts';
import { createMessageView, type MessageView } from './message.ts';

/** Closer than this to the end counts as reading along. */
const NEAR_END_PX = 80;

export interface LogView {
  readonly element: HTMLElement;
  update(view: ViewState): void;
  destroy(): void;
}

interface Line {
  readonly nodes: readonly HTMLElement[];
  readonly message: MessageView | null;
}

/** The transcript. Lines are appended and never moved; see message.ts for what changes within one. */
export function createLog(lang: Lang, controller: Controller): LogView {
  const strings = stringsFor(lang);
  const lines = new Map<string, Line>();
  let following = true;
  let lastKey = '';

  const typingLabel = h('span', { class: 'sr' });
  const typing = h('div', { class: 'typing', hidden: true }, typingLabel, h('i'), h('i'), h('i'));
  const opening = h('div', { class: 'notice', hidden: true }, strings.opening);
  const list = h('div', {}, opening);
  // Focusable, so that a keyboard can scroll it.
  const box = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': strings.log, tabindex: 0, onscroll: onScroll }, list, typing);
  const newer = h('button', { type: 'button', class: 'newer', hidden: true, onclick: toEnd }, downIcon(), strings.newer);
  const element = h('div', { class: 'logwrap' }, box, newer);

  function toEnd(): void {
    box.scrollTop = box.scrollHeight;
    following = true;
    newer.hidden = true;
  }

  function onScroll(): void {
    following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    if (following) newer.hidden = true;
  }

  // The log gets shorter when a phone's keyboard comes up, and longer when a picture has loaded.
  const observer = new ResizeObserver(() => {
    if (following) box.scrollTop = box.scrollHeight;
  });
  observer.observe(box);
  observer.observe(list);

  function lineOf(entry: Entry, before: Entry | undefined): Line {
    const known = lines.get(entry.key);
    if (known !== undefined) return known;
    const message = entry.kind === 'message' ? createMessageView(entry, strings, controller) : null;
    const node = message?.element ?? h('div', { class: 'notice' }, entry.kind === 'notice' ? (entry.text ?? strings.notices[entry.code]) : '');
    const day = before === undefined || !sameDay(before.at, entry.at) ? [h('div', { class: 'day' }, dayHeading(entry.at, Date.now(), lang))] : [];
    const made: Line = { nodes: [...day, node], message };
    lines.set(entry.key, made);
    return made;
  }

  return {
    element,
    update(view) {
      const { chat } = view;
      const entries: readonly Entry[] = [...chat.entries, ...chat.outgoing];
      // Choices answer the last thing that was asked; once the citizen has written they are history.
      const live = entries.filter((entry) => entry.kind === 'message').pop()?.key;
      let place: ChildNode | null = opening.nextSibling;
      entries.forEach((entry, at) => {
        const line = lineOf(entry, entries[at - 1]);
        for (const node of line.nodes) {
          if (node === place) place = node.nextSibling;
          else list.insertBefore(node, place);
        }
        if (entry.kind === 'message') line.message?.update(entry, entry.key === live);
      });
      const keys = new Set(entries.map((entry) => entry.key));
      for (const [key, line] of lines) {
        if (keys.has(key)) continue;
        for (const node of line.nodes) node.remove();
        lines.delete(key);
      }
      opening.hidden = entries.length > 0 || view.status !== 'connecting';
      box.setAttribute('aria-busy', String(view.status === 'connecting' && entries.length === 0));
      const moved = typing.hidden === (chat.typing !== null);
      typing.hidden = chat.typing === null;
      setText(typingLabel, chat.typing === null ? '' : strings.typing[chat.typing]);
      const last = entries[entries.length - 1];
      if (last?.key === lastKey && !moved) return;
      const fresh = last?.key !== lastKey;
      lastKey = last?.key ?? '';
      if (following || (fresh && last?.kind === 'message' && last.from === 'citizen')) toEnd();
      else if (fresh) newer.hidden = false;
    },
    destroy: () => observer.disconnect(),
  };
}
