import { BEIJING_OFFSET, DAY, HOUR, MINUTE, startOfDay } from '../../domain/clock.ts';
import type { EpochMs, Locale } from '../../domain/activity.ts';

/** Hours in which nobody is woken by a notice, as `HH:MM` of Beijing time; they may reach over midnight. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** When the quiet hours that hold this moment end; null: it is not quiet. The same time twice means never. */
export function quietUntil({ from, to }: QuietHours, now: EpochMs): EpochMs | null {
  const [begins, ends] = [timeOfDay(from), timeOfDay(to)];
  const midnight = startOfDay(now);
  const time = now - midnight;
  if (begins === ends) return null;
  if (begins < ends) return time >= begins && time < ends ? midnight + ends : null;
  if (time >= begins) return midnight + DAY + ends;
  return time < ends ? midnight + ends : null;
}

function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * HOUR + minutes * MINUTE;
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;

/** `11月24日 10:00`, `24 November 10:00`, for a citizen: the year is known. */
export function shortTime(at: EpochMs, locale: Locale = 'zh-CN'): string {
  const local = new Date(at + BEIJING_OFFSET);
  if (locale === 'en') return `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()] ?? ''} ${local.toISOString().slice(11, 16)}`;
  return `${local.getUTCMonth() + 1}月${local.getUTCDate()}日 ${local.toISOString().slice(11, 16)}`;
}
