/**
 * The widget's way to make elements. A framework would take a third of the size budget; a chat log only grows at its
 * end, so each part builds its nodes once and changes them in place (which also keeps screen readers from hearing twice).
 */

type Child = Node | string | null;
type Prop = string | number | boolean | null | undefined | ((event: Event) => void);

/** `on…` are listeners, `true` is an empty attribute, `false`, `null` and `undefined` are none; strings become text nodes, never HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Readonly<Record<string, Prop>> = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Changes a text only when it differs: an untouched live region stays silent. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A line icon on a 24 grid; decoration only, every button carries its own label. */
function icon(path: string): () => SVGElement {
  return () => {
    const svg = document.createElementNS(SVG, 'svg');
    const attributes = { viewBox: '0 0 24 24', width: '1.25em', height: '1.25em', fill: 'none', stroke: 'currentColor', 'stroke-width': '1.8', 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    const line = document.createElementNS(SVG, 'path');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
  };
}

export const chatIcon = icon('M4 5.5h16v10.5H11l-4.5 3.5V16H4zM8 9.5h8M8 12.5h5');
export const closeIcon = icon('M6 6l12 12M18 6L6 18');
export const sendIcon = icon('M4 12l16-7-5 15-3.5-6zM20 5l-8.5 9');
export const attachIcon = icon('M20 11.5l-8 8a5 5 0 01-7-7l8.5-8.5a3.3 3.3 0 014.7 4.7l-8.4 8.4a1.6 1.6 0 01-2.3-2.3l7.7-7.7');
export const personIcon = icon('M5 13v-1a7 7 0 0114 0v1M5 13h2v5H5zM17 13h2v5h-2zM18 18c0 2-2 3-5 3');
export const fileIcon = icon('M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5');
export const downIcon = icon('M12 5v14M6 13l6 6 6-6');
