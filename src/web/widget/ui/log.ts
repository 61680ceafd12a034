import { dayHeading, sameDay } from '../../shared/format.ts';
import type { Controller, ViewState } from '../chat/controller.ts';
import type { Entry } from '../chat/model.ts';
import { stringsFor, type Lang } from '../strings.ts';
import { downIcon, h, setText } from './dom.ts';
import { createMessageView, type MessageView } from './message.ts';

/** Closer than this to the end counts as reading along. */
const NEAR_END_PX = 80;
/** Left above an answer, so that one sees that it begins there. */
const ABOVE_PX = 10;
/** What is said this close together is one answer in several bubbles: the reader begins at the first of them. */
const ONE_ANSWER_MS = 3_000;

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
  /** First line of the newest answer: it stays in sight as long as the reader has not gone past it. Null: the end does. */
  let anchor: HTMLElement | null = null;
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
    anchor = null;
    following = true;
    newer.hidden = true;
    settle();
  }

  const wanted = (): number => (anchor === null ? box.scrollHeight : anchor.offsetTop - ABOVE_PX);

  /** To the end, but no further than the newest answer's beginning. */
  function settle(): void {
    if (box.clientHeight === 0) return; // closed; the observer tells when it is opened
    box.scrollTop = wanted();
    onScroll();
    // The answer goes on below.
    if (!following) newer.hidden = false;
  }

  function onScroll(): void {
    if (box.clientHeight === 0) return;
    if (box.scrollTop > wanted() + 1) anchor = null;
    following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    if (following) newer.hidden = true;
  }

  // The log gets shorter when a phone's keyboard comes up, and longer when a picture has loaded.
  const observer = new ResizeObserver(() => {
    if (following) settle();
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
      if (fresh && last?.kind === 'message' && last.from === 'citizen') toEnd();
      else if (following) {
        if (fresh) anchor = lines.get(beginning(entries))?.message?.element ?? null;
        settle();
      } else if (fresh) newer.hidden = false;
    },
    destroy: () => observer.disconnect(),
  };
}

/** Key of the first message of the newest answer; empty when the citizen spoke last. */
function beginning(entries: readonly Entry[]): string {
  let key = '';
  let until = -Infinity;
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = entries[at];
    if (entry === undefined || entry.at < until || (entry.kind === 'message' && entry.from === 'citizen')) break;
    if (entry.kind === 'message') key = entry.key;
    until = entry.at - ONE_ANSWER_MS;
  }
  return key;
}
