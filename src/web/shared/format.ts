/** Formatters of times and sizes. Pure: the current time and the time zone's offset come from the Date passed in. */

const two = (value: number): string => String(value).padStart(2, '0');

/** 09:05 */
export function clockTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** 2026-11-22 09:05 */
export function dateTime(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockTime(at)}`;
}

/** True when both fall on the same calendar day of the viewer. */
export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** A day's heading in a transcript: 今天, 昨天, 11月22日, 2025年11月22日 (or English). */
export function dayHeading(at: number, now: number, lang: 'zh-CN' | 'en'): string {
  const date = new Date(at);
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (sameDay(at, now)) return lang === 'en' ? 'Today' : '今天';
  if (sameDay(at, yesterday.getTime())) return lang === 'en' ? 'Yesterday' : '昨天';
  if (lang === 'en') return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const day = `${date.getMonth() + 1}月${date.getDate()}日`;
  return date.getFullYear() === new Date(now).getFullYear() ? day : `${date.getFullYear()}年${day}`;
}

/** How long somebody waits: 45秒, 3分05秒, 1小时02分, 2天3小时. Never negative. */
export function waited(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}秒`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}分${two(seconds % 60)}秒`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}小时${two(minutes % 60)}分`;
  return `${Math.floor(hours / 24)}天${hours % 24}小时`;
}

/** Short time of a list row: the clock today, the date otherwise. */
export function listTime(at: number, now: number): string {
  if (sameDay(at, now)) return clockTime(at);
  const date = new Date(at);
  return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** 12 KB, 3.4 MB */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
