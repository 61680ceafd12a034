import { isRecord } from '../shared/guards.ts';
import { browserPorts } from '../shared/ports.ts';
import { createController, type Controller, type Shelf } from './chat/controller.ts';
import { inkOn, readConfig, type WidgetConfig } from './config.ts';
import styles from './styles.css?inline';
import { createApp } from './ui/app.ts';

/**
 * The one script tag of a city's page:
 *
 *     <script src="https://host/widget.js" data-lang="zh-CN" data-color="#1a5fb4" async></script>
 *
 * Everything lives in a shadow root under one element at the end of the body. Beside the tag's attributes the page
 * has two ways in: any element with `data-yihu-open` or `data-yihu-ask="question"` opens the panel when it is clicked, and
 * `document.dispatchEvent(new CustomEvent('yihu:ask', { detail: { text } }))` asks a question.
 */
const HOST_ID = 'yihu-widget';

function shelf(kind: 'local' | 'session', key: string): Shelf {
  const store = (): Storage => (kind === 'local' ? localStorage : sessionStorage);
  return {
    read: () => {
      try {
        return store().getItem(key);
      } catch {
        return null; // blocked by the browser's settings
      }
    },
    write: (value) => {
      try {
        store().setItem(key, value);
      } catch {
        // the preference then lasts for this page only
      }
    },
  };
}

function preview(file: File): string | null {
  return file.type.startsWith('image/') ? URL.createObjectURL(file) : null;
}

function mount(config: WidgetConfig): void {
  const host = document.createElement('div');
  host.id = HOST_ID;
  const shadow = host.attachShadow({ mode: 'open' });
  if ('adoptedStyleSheets' in shadow && 'replaceSync' in CSSStyleSheet.prototype) {
    // Not subject to style-src: the host page needs no 'unsafe-inline'.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
  } else {
    const element = document.createElement('style');
    element.textContent = styles;
    shadow.append(element);
  }
  if (config.color !== null) {
    host.style.setProperty('--yihu-color', config.color);
    host.style.setProperty('--yihu-ink', inkOn(config.color));
  }
  document.body.append(host);

  const key = `yihu:${config.endpoint}`;
  const controller = createController({ config, ports: browserPorts(key), prefs: shelf('local', 'yihu:prefs'), panel: shelf('session', `${key}:panel`), preview });
  shadow.append(createApp(controller, config.title));
  listen(controller);
}

function listen(controller: Controller): void {
  addEventListener('online', () => controller.network(true));
  addEventListener('offline', () => controller.network(false));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') controller.wake();
  });
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    const way = event.target.closest('[data-yihu-open], [data-yihu-ask]');
    if (way === null) return;
    event.preventDefault();
    ask(controller, way.getAttribute('data-yihu-ask') ?? '');
  });
  document.addEventListener('yihu:ask', (event) => {
    const detail: unknown = event instanceof CustomEvent ? event.detail : undefined;
    ask(controller, isRecord(detail) && typeof detail['text'] === 'string' ? detail['text'] : '');
  });
}

function ask(controller: Controller, text: string): void {
  controller.open();
  if (text.trim() !== '') controller.say(text);
}

// Read at once: currentScript is gone when the page has loaded. A module or an injected tag has none.
const current = document.currentScript;
const script = current instanceof HTMLScriptElement ? current : document.querySelector<HTMLScriptElement>('script[src*="widget.js"]');
const config = readConfig(script === null ? {} : { ...script.dataset }, script?.src ?? '', location.href);

function begin(): void {
  if (document.getElementById(HOST_ID) === null) mount(config); // a page that loads the script twice gets one widget
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
else begin();
