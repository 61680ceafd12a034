import type { Controller, ViewState } from '../chat/controller.ts';
import { ACCEPT_ATTRIBUTE, MAX_TEXT, SHOW_COUNTER_AT } from '../files.ts';
import { stringsFor, type Lang } from '../strings.ts';
import { attachIcon, h, personIcon, sendIcon, setText } from './dom.ts';

const MAX_HEIGHT_PX = 132;

export interface ComposerView {
  readonly element: HTMLElement;
  update(view: ViewState): void;
  focus(): void;
  /** What is written and not sent; survives a change of language. */
  draft(): string;
}

export function createComposer(lang: Lang, controller: Controller, draft: string): ComposerView {
  const strings = stringsFor(lang);
  const complaint = h('p', { class: 'complaint' });
  const count = h('span', { class: 'count' });
  const picker = h('input', { type: 'file', hidden: true, multiple: true, accept: ACCEPT_ATTRIBUTE, 'aria-label': strings.attach, tabindex: -1 });
  const box = h('textarea', { rows: 1, 'aria-label': strings.input, placeholder: matchMedia('(pointer: coarse)').matches ? strings.inputHintTouch : strings.inputHint, enterkeyhint: 'send' });
  const submit = h('button', { type: 'submit', class: 'send', 'aria-label': strings.send, title: strings.send }, sendIcon());
  const element = h(
    'form',
    { class: 'composer' },
    h('div', { role: 'alert' }, complaint),
    h(
      'div',
      { class: 'tools' },
      h('button', { type: 'button', class: 'human', 'aria-label': strings.humanHint, title: strings.humanHint, onclick: controller.askHuman }, personIcon(), strings.human),
      h('button', { type: 'button', class: 'plain', 'aria-label': strings.attach, title: strings.attach, onclick: () => picker.click() }, attachIcon()),
      picker,
      count,
    ),
    h('div', { class: 'write' }, box, submit),
  );
  box.value = draft;

  function measure(): void {
    const length = [...box.value.trim()].length;
    submit.disabled = length === 0;
    setText(count, length < SHOW_COUNTER_AT ? '' : `${length}/${MAX_TEXT}`);
    count.classList.toggle('over', length > MAX_TEXT);
    box.style.height = 'auto';
    if (box.scrollHeight > 0) box.style.height = `${Math.min(MAX_HEIGHT_PX, box.scrollHeight + 2)}px`;
  }

  function send(): void {
    if (controller.say(box.value)) box.value = '';
    measure();
    box.focus();
  }

  element.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  picker.addEventListener('change', () => {
    controller.upload([...(picker.files ?? [])]);
    picker.value = '';
  });
  box.addEventListener('input', () => {
    measure();
    controller.typing();
  });
  box.addEventListener('keydown', (event) => {
    // 229 is what some browsers report for the Enter that only confirms an input method's candidate.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
  box.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    controller.upload(files);
  });

  return {
    element,
    update(view) {
      setText(complaint, view.complaint ?? '');
      complaint.hidden = view.complaint === null;
      measure();
    },
    focus: () => box.focus({ preventScroll: true }),
    draft: () => box.value,
  };
}
