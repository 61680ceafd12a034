/**
 * Formatters of times and sizes. Pure. Times are shown in Asia/Shanghai, whatever the viewer's zone: the hotline's hours and deadlines
 * are that clock's. China has kept UTC+8 without summer time since 1992, so the offset is a number and needs no Intl.
 */

const SHANGHAI_MS = 8 * 60 * 60_000;
const DAY_MS = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');

/** A Date whose UTC fields are Shanghai's. */
const shanghai = (at: number): Date => new Date(at + SHANGHAI_MS);
const dayOf = (at: number): number => Math.floor((at + SHANGHAI_MS) / DAY_MS);

/** 09:05 */
export function clockTime(at: number): string {
  const date = shanghai(at);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** 2026-11-22 09:05 */
export function dateTime(at: number): string {
  const date = shanghai(at);
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${clockTime(at)}`;
}

/** True when both fall on the same calendar day. */
export function sameDay(a: number, b: number): boolean {
  return dayOf(a) === dayOf(b);
}

/** A day's heading in a transcript: 今天, 昨天, 11月22日, 2025年11月22日 (or English). */
export function dayHeading(at: number, now: number, lang: 'zh-CN' | 'en'): string {
  if (dayOf(at) === dayOf(now)) return lang === 'en' ? 'Today' : '今天';
  if (dayOf(at) === dayOf(now) - 1) return lang === 'en' ? 'Yesterday' : '昨天';
  const date = shanghai(at);
  if (lang === 'en') return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const day = `${date.getUTCMonth() + 1}月${date.getUTCDate()}日`;
  return date.getUTCFullYear() === shanghai(now).getUTCFullYear() ? day : `${date.getUTCFullYear()}年${day}`;
}

/** How long somebody waits: 45秒, 3分05秒, 1小时02分, 2天3小时; 45 s, 3 min 05 s, 1 h 02 min, 2 d 3 h. Never negative. */
export function waited(ms: number, lang: 'zh-CN' | 'en' = 'zh-CN'): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const said = (big: number, one: string, small: string, other: string): string => (lang === 'en' ? `${big} ${one} ${small} ${other}` : `${big}${one}${small}${other}`);
  const [d, h, m, s] = lang === 'en' ? (['d', 'h', 'min', 's'] as const) : (['天', '小时', '分', '秒'] as const);
  if (seconds < 60) return lang === 'en' ? `${seconds} s` : `${seconds}秒`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return said(minutes, m, two(seconds % 60), s);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return said(hours, h, two(minutes % 60), m);
  return said(Math.floor(hours / 24), d, String(hours % 24), h);
}

/** Short time of a list row: the clock today, the date otherwise. */
export function listTime(at: number, now: number): string {
  if (sameDay(at, now)) return clockTime(at);
  const date = shanghai(at);
  return `${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/** 12 KB, 3.4 MB */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
