import { safeHref } from '../shared/linkify.ts';
import type { Lang } from './strings.ts';

export interface WidgetConfig {
  /** Origin (and path prefix) of the server, without a slash at the end. */
  readonly endpoint: string;
  readonly lang: Lang;
  /** Heading; null: the language's own. */
  readonly title: string | null;
  /** Six-digit hex colour of header and buttons; null: the built-in one. */
  readonly color: string | null;
  /** Open the panel when the page loads. */
  readonly open: boolean;
}

/** Reads the script tag's data attributes. What is missing or malformed falls back; a city page never breaks on it. */
export function readConfig(data: Readonly<Record<string, string | undefined>>, scriptUrl: string, pageUrl: string): WidgetConfig {
  const endpoint = safeHref(data['endpoint'] ?? new URL('.', scriptUrl || pageUrl).href, pageUrl) ?? new URL(pageUrl).origin;
  return {
    endpoint: endpoint.replace(/[/?#]+$/, ''),
    lang: data['lang']?.toLowerCase().startsWith('en') === true ? 'en' : 'zh-CN',
    title: data['title']?.trim() || null,
    color: readColor(data['color']),
    open: data['open'] !== undefined && data['open'] !== 'false',
  };
}

function readColor(value: string | undefined): string | null {
  const short = /^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(value?.trim() ?? '');
  if (short !== null) return `#${short.slice(1).map((digit) => digit.repeat(2)).join('')}`.toLowerCase();
  const long = /^#?([0-9a-f]{6})$/i.exec(value?.trim() ?? '');
  return long === null ? null : `#${long[1] ?? ''}`.toLowerCase();
}

/** Black or white, whichever reads better on the colour (WCAG 2 relative luminance). */
export function inkOn(color: string): '#ffffff' | '#111111' {
  const channel = (at: number): number => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (luminance + 0.05) >= 4.5 ? '#ffffff' : '#111111';
}
