import type { Controller, ViewState } from '../chat/controller.ts';
import { stringsFor } from '../strings.ts';
import { createComposer } from './composer.ts';
import { chatIcon, closeIcon, h, setText } from './dom.ts';
import { createLog } from './log.ts';

const FOCUSABLE = 'button:not([disabled]), a[href], textarea, [tabindex="0"]';
/** Same width as in styles.css: below it the panel fills the screen and the page behind cannot be reached. */
const PHONE = '(max-width: 520px)';

interface Part {
  readonly element: HTMLElement;
  update(view: ViewState): void;
}

interface Panel extends Part {
  readonly lang: ViewState['lang'];
  focus(): void;
  draft(): string;
  destroy(): void;
}

/** The widget's root element: a button, or the panel in its place. */
export function createApp(controller: Controller, title: string | null): HTMLElement {
  const root = h('div');
  let panel: Panel | null = null;
  let launcher: Part | null = null;
  let lastDraft = '';

  function openPanel(view: ViewState): void {
    launcher = null;
    lastDraft = panel?.draft() ?? lastDraft;
    panel?.destroy();
    panel = createPanel(view, controller, title, lastDraft);
    root.replaceChildren(panel.element);
    panel.update(view);
    panel.focus();
  }

  function render(): void {
    const view = controller.state();
    root.className = view.elder ? 'root elder' : 'root';
    root.lang = view.lang;
    if (view.open) {
      if (panel?.lang !== view.lang) openPanel(view);
      else panel.update(view);
      return;
    }
    const returning = panel !== null;
    lastDraft = panel?.draft() ?? lastDraft;
    panel?.destroy();
    panel = null;
    if (launcher === null) {
      launcher = createLauncher(controller, title);
      root.replaceChildren(launcher.element);
    }
    launcher.update(view);
    // Focus goes back to where the dialog was opened from.
    if (returning) launcher.element.focus();
  }

  controller.subscribe(render);
  render();
  return root;
}

function createLauncher(controller: Controller, title: string | null): Part {
  const label = h('span');
  const more = h('span', { class: 'sr' });
  const badge = h('b', { class: 'badge', 'aria-hidden': 'true' });
  const element = h('button', { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', onclick: controller.open }, chatIcon(), label, more, badge);
  return {
    element,
    update(view) {
      const strings = stringsFor(view.lang);
      const { unread } = view.chat;
      setText(label, title ?? strings.title);
      setText(badge, unread > 99 ? '99+' : String(unread));
      badge.hidden = unread === 0;
      setText(more, unread > 0 ? strings.openUnread(unread) : strings.open);
    },
  };
}

function createPanel(first: ViewState, controller: Controller, title: string | null, draft: string): Panel {
  const { lang } = first;
  const strings = stringsFor(lang);
  const log = createLog(lang, controller);
  const composer = createComposer(lang, controller, draft);
  const dot = h('i', { 'aria-hidden': 'true' });
  const state = h('span');
  const banner = h('p', { class: 'banner' });
  const elder = h('button', { type: 'button', 'aria-label': strings.elderHint, title: strings.elderHint, onclick: () => controller.setElder(!controller.state().elder) }, strings.elder);
  const element = h(
    'div',
    { class: 'panel', role: 'dialog', 'aria-modal': String(matchMedia(PHONE).matches), 'aria-label': title ?? strings.title },
    h(
      'header',
      {},
      h('div', { class: 'heading' }, h('h2', {}, title ?? strings.title), h('p', { class: 'state' }, dot, state)),
      elder,
      h('button', { type: 'button', 'aria-label': strings.switchLangHint, title: strings.switchLangHint, onclick: () => controller.setLang(lang === 'en' ? 'zh-CN' : 'en') }, strings.switchLang),
      h('button', { type: 'button', 'aria-label': strings.close, title: strings.close, onclick: controller.close }, closeIcon()),
    ),
    h('div', { role: 'status' }, banner),
    log.element,
    composer.element,
  );

  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing) {
      event.stopPropagation();
      controller.close();
    }
    if (event.key !== 'Tab') return;
    const stops = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((stop) => stop.offsetParent !== null);
    const root = element.getRootNode();
    const active = root instanceof ShadowRoot ? root.activeElement : document.activeElement;
    const ends = event.shiftKey ? [stops[0], stops[stops.length - 1]] : [stops[stops.length - 1], stops[0]];
    if (active !== ends[0]) return;
    event.preventDefault();
    ends[1]?.focus();
  });

  return {
    element,
    lang,
    update(view) {
      const text = view.status === 'offline' ? strings.offline : view.status === 'waiting' ? strings.reconnecting : '';
      setText(banner, text);
      banner.hidden = text === '';
      dot.className = `dot ${view.status}`;
      setText(state, [strings.status[view.status], strings.mode[view.chat.mode]].filter((part) => part !== '').join(' · '));
      elder.setAttribute('aria-pressed', String(view.elder));
      // A pressed choice goes away under the focus: it belongs in the box then, not nowhere.
      const inside = element.matches(':focus-within');
      log.update(view);
      composer.update(view);
      if (inside && !element.matches(':focus-within')) composer.focus();
    },
    focus: composer.focus,
    draft: composer.draft,
    destroy: log.destroy,
  };
}
