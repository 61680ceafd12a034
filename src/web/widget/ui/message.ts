import { clockTime } from '../../shared/format.ts';
import { linkify } from '../../shared/linkify.ts';
import type { Controller } from '../chat/controller.ts';
import type { Action, Media, MessageEntry, SourceLine } from '../chat/model.ts';
import type { Strings } from '../strings.ts';
import { fileIcon, h } from './dom.ts';

export interface MessageView {
  readonly element: HTMLElement;
  /** `live`: its buttons may be pressed, because it is the last message. */
  update(entry: MessageEntry, live: boolean): void;
}

const outside = (href: string, strings: Strings, ...children: (Node | string)[]): HTMLAnchorElement =>
  h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...children, h('span', { class: 'sr' }, `（${strings.newTab}）`));

function textView(text: string, strings: Strings): HTMLElement {
  return h('p', { class: 'text' }, ...linkify(text).map((piece) => (piece.href === undefined ? piece.text : outside(piece.href, strings, piece.text))));
}

function mediaView(media: Media, strings: Strings): HTMLElement {
  const label = media.name || (media.image ? strings.image : strings.file);
  const file = (): HTMLElement => h('span', { class: 'file' }, fileIcon(), h('span', {}, label));
  // A host page's policy may forbid the picture: then it is a link like any other file.
  const shown = media.image && media.href !== null ? h('img', { src: media.href, alt: label, loading: 'lazy', onerror: () => shown.replaceWith(file()) }) : file();
  return h('div', { class: 'media' }, media.href === null ? shown : outside(media.href, strings, shown));
}

function sourceView(source: SourceLine, strings: Strings): HTMLElement {
  const rest = [source.department, source.effectiveFrom && strings.since(source.effectiveFrom)].map((part) => (part ? ` · ${part}` : '')).join('');
  return h('p', { class: 'source' }, strings.source, source.href === undefined ? source.title : outside(source.href, strings, source.title), rest);
}

/** One bubble. Text, pictures and source never change once shown; delivery and buttons do, each in its own place. */
export function createMessageView(first: MessageEntry, strings: Strings, controller: Controller): MessageView {
  const own = first.from === 'citizen';
  const sender = (first.from === 'seat' && first.name) || strings.sender[first.from];
  const delivery = h('div', { class: 'delivery' });
  const choices = h('div', { class: 'choices' });
  const bubble = h('div', { class: 'bubble' });
  const element = h(
    'div',
    { class: `row ${first.from}` },
    h('div', { class: 'who' }, h('span', { class: own ? 'sr' : null }, sender), ' ', h('time', { datetime: new Date(first.at).toISOString() }, clockTime(first.at))),
    bubble,
    delivery,
    choices,
  );

  let shown: MessageEntry | null = null;
  let shownLive: boolean | null = null;

  function fill(entry: MessageEntry): void {
    bubble.replaceChildren(
      ...(entry.text === '' ? [] : [textView(entry.text, strings)]),
      ...entry.media.map((media) => mediaView(media, strings)),
      ...(entry.source === null ? [] : [sourceView(entry.source, strings)]),
    );
  }

  function showDelivery(entry: MessageEntry): void {
    delivery.className = `delivery ${entry.delivery}`;
    delivery.replaceChildren();
    if (entry.delivery === 'sent') return;
    delivery.append(strings.delivery[entry.delivery], entry.delivery === 'rejected' ? strings.refused(entry.refusal) : '');
    if (entry.delivery === 'failed') delivery.append(h('button', { type: 'button', onclick: controller.retry }, strings.retry));
  }

  function choice(action: Action): HTMLElement {
    return action.kind === 'link'
      ? h('a', { href: action.href, target: '_blank', rel: 'noopener noreferrer' }, action.title)
      : h('button', { type: 'button', onclick: () => controller.press(action) }, action.title);
  }

  return {
    element,
    update(entry, live) {
      if (shown?.text !== entry.text || shown.media !== entry.media) fill(entry);
      if (shown?.delivery !== entry.delivery) showDelivery(entry);
      if (shownLive !== live) choices.replaceChildren(...entry.actions.filter((action) => live || action.kind === 'link').map(choice));
      shown = entry;
      shownLive = live;
    },
  };
}
