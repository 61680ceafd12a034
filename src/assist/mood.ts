import type { Urgency } from '../domain/config-files.ts';
import { evidenceOf } from './lines.ts';
import { MOODS, type MoodLevel, type SignRule } from './rules-schema.ts';
import type { AssistRules } from './rules.ts';
import type { Line, MoodPart, Sign } from './types.ts';
import { withoutOverlaps } from './words.ts';

/** How the citizen feels and how urgent it is, with the very words. Rules as data; denied words do not count. Pure. */

const URGENCIES: readonly Urgency[] = ['normal', 'urgent', 'emergency'];
const LEVEL_WORDS: Readonly<Record<MoodLevel, string>> = { calm: '平静', upset: '不满', angry: '愤怒', distress: '危急' };
const URGENCY_WORDS: Readonly<Record<Urgency, string>> = { normal: '一般', urgent: '紧急', emergency: '特急' };
/** Id of the sign that the house's own emergency words make. */
const EMERGENCY = 'emergency';

export interface EmergencyFound {
  readonly category: string;
  readonly words: readonly string[];
}

interface Seen extends Sign {
  readonly rule: SignRule | null;
  readonly points: number;
}

/**
 * @param emergencyOf the house's rule for life and safety (context.dialog.emergency)
 * @param labelOf a category of it in words
 */
export function readMood(lines: readonly Line[], rules: AssistRules, emergencyOf: (text: string) => EmergencyFound | null): MoodPart {
  const { mood } = rules.file;
  const said = lines.filter((line) => line.role === 'citizen' && line.text !== '');
  const seen = said.flatMap((line, index) => {
    // 好, 没有了: what is said in passing makes nothing older.
    const back = said.slice(index + 1).filter(({ text }) => [...text].length >= WORDY_CHARS).length;
    const weight = back < mood.fresh ? 1 : back < mood.window ? 0.5 : 0;
    return signsIn(line, rules, emergencyOf).map((sign): Seen => ({ ...sign, points: sign.points * weight }));
  });
  const now = seen.filter(({ points, rule }) => points !== 0 || rule?.level !== undefined || rule?.urgency !== undefined || rule?.points === undefined);
  const lastSeq = said.at(-Math.min(mood.window, said.length))?.seq ?? 0;
  // The same words three times are not three reasons, but a little more than one.
  const total = pointsOf(now);
  let level: MoodLevel = total >= mood.angry ? 'angry' : total >= mood.upset ? 'upset' : 'calm';
  let urgency: Urgency = 'normal';
  for (const { rule, seq, id } of now) {
    // Who thought of death once in this talk is not calm because the next sentence is about a street lamp.
    if (rule?.level !== undefined && (rule.level === 'distress' || seq >= lastSeq)) level = higher(MOODS, level, rule.level);
    if (rule?.urgency !== undefined) urgency = higher(URGENCIES, urgency, rule.urgency);
    if (id === EMERGENCY) urgency = 'emergency';
  }
  const ids = new Set(now.map(({ id }) => id));
  const together = mood.together.filter(({ signs }) => signs.every((id) => ids.has(id)));
  for (const { urgency: raised } of together) urgency = higher(URGENCIES, urgency, raised);
  const signs = now.map(({ id, label, seq, start, end, text }): Sign => ({ id, label, seq, start, end, text }));
  const raising = new Set(together.flatMap((each) => each.signs));
  const urgentBy = now.filter(({ id, rule }) => id === EMERGENCY || rule?.urgency !== undefined || raising.has(id)).map(({ id }) => id);
  return { level, urgency, signs, urgentBy: urgency === 'normal' ? [] : [...new Set(urgentBy)], why: explain(level, urgency, now, raising) };
}

function signsIn(line: Line, rules: AssistRules, emergencyOf: (text: string) => EmergencyFound | null): Seen[] {
  const found: Seen[] = [];
  for (const { rule, finder } of rules.signs) {
    for (const { start, end } of finder.find(line.folded)) {
      if (isWordy(line.folded.charAt(start)) && rules.isDenied(line.folded, start)) continue;
      found.push({ ...evidenceOf(line, start, end), id: rule.id, label: rule.label, rule, points: rule.points ?? 0 });
    }
  }
  const emergency = emergencyOf(line.text);
  if (emergency !== null) {
    const spans = withoutOverlaps(emergency.words.flatMap((word) => {
      const at = line.text.indexOf(word);
      return at < 0 || word === '' ? [] : [{ start: at, end: at + word.length }];
    }));
    for (const { start, end } of spans) found.push({ ...evidenceOf(line, start, end), id: EMERGENCY, label: '涉及安全', rule: null, points: 0 });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Punctuation cannot be denied. */
const isWordy = (char: string): boolean => /[\p{L}\p{N}]/u.test(char);

const WORDY_CHARS = 6;
/** Each sign once whole, every further word of it by a third. */
const AGAIN = 1 / 3;

function pointsOf(seen: readonly Seen[]): number {
  const best = new Map<string, { most: number; rest: number }>();
  for (const { id, points } of seen) {
    const sum = best.get(id) ?? { most: 0, rest: 0 };
    if (Math.abs(points) > Math.abs(sum.most)) best.set(id, { most: points, rest: sum.rest + sum.most });
    else best.set(id, { most: sum.most, rest: sum.rest + points });
  }
  let total = 0;
  for (const { most, rest } of best.values()) total += most + rest * AGAIN;
  return total;
}

function higher<Value>(order: readonly Value[], a: Value, b: Value): Value {
  return order.indexOf(b) > order.indexOf(a) ? b : a;
}

/** What raises the urgency together is named first. */
const RAISING = 10;
const SHOWN_SIGNS = 4;
const SHOWN_WORDS = 3;

function explain(level: MoodLevel, urgency: Urgency, seen: readonly Seen[], raising: ReadonlySet<string>): string {
  if (level === 'calm' && urgency === 'normal') return '没有发现情绪或紧急的迹象';
  const byLabel = new Map<string, string[]>();
  const weight = (sign: Seen): number => weightOf(sign) + (raising.has(sign.id) ? RAISING : 0);
  const weighty = [...seen].sort((a, b) => weight(b) - weight(a));
  for (const { label, text, points } of weighty) {
    if (points < 0) continue;
    const words = byLabel.get(label) ?? [];
    if (!words.includes(text)) words.push(text);
    byLabel.set(label, words);
  }
  const reasons = [...byLabel].slice(0, SHOWN_SIGNS).map(([label, words]) => `${label}（${words.slice(0, SHOWN_WORDS).map((word) => `“${word}”`).join('、')}）`);
  return `情绪${LEVEL_WORDS[level]}，${URGENCY_WORDS[urgency]}：${reasons.join('；')}`;
}

function weightOf({ rule, points, id }: Seen): number {
  return points + (id === EMERGENCY ? 20 : 0) + 10 * URGENCIES.indexOf(rule?.urgency ?? 'normal') + 5 * MOODS.indexOf(rule?.level ?? 'calm');
}
