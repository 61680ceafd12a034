import type { FormPart, KnowledgePart, Line, MoodPart, Question, SummaryLine, Told } from './types.ts';
import type { Matter } from './matter.ts';
import type { Sentence } from './lines.ts';

/** The hand-over in at most five lines, cut out of what was said: who takes over reads this and not sixty messages. Pure. */

export const MOST_LINES = 5;
const LINE_CHARS = 120;
const FACT_SLOTS = ['itemCode', 'townId', 'place', 'happened', 'urgency', 'callback', 'confidential'] as const;
const MOODS = { calm: '平静', upset: '不满', angry: '愤怒', distress: '危急' } as const;

export interface SummaryGiven {
  readonly lines: readonly Line[];
  readonly matter: Matter;
  readonly sentences: readonly Sentence[];
  readonly form: FormPart;
  readonly knowledge: KnowledgePart;
  readonly questions: readonly Question[];
  readonly mood: MoodPart;
  readonly told: Told;
}

export function summaryOf(given: SummaryGiven): readonly SummaryLine[] {
  const lines = [matterLine(given), factsLine(given), doneLine(given), openLine(given), moodLine(given)];
  return lines.filter((line) => line !== null).slice(0, MOST_LINES);
}

const short = (text: string, chars = LINE_CHARS): string => ([...text].length <= chars ? text : `${[...text].slice(0, chars - 1).join('')}…`);

function matterLine({ matter, form }: SummaryGiven): SummaryLine | null {
  const kind = form.slots.find(({ name }) => name === 'kind')?.shown ?? '';
  if (matter.text === '') return null;
  return { label: '诉求', text: short(`【${kind}】${matter.text}`), seqs: [...new Set(matter.sentences.map(({ line }) => line.seq))] };
}

function factsLine({ form }: SummaryGiven): SummaryLine | null {
  const slots = FACT_SLOTS.flatMap((name) => form.slots.filter((slot) => slot.name === name));
  const parts = [...slots.map(({ label, shown }) => `${label} ${shown}`), ...form.details.map(({ label, value }) => `${label} ${value}`)];
  if (parts.length === 0) return null;
  return { label: '要素', text: short(parts.join('；')), seqs: [...new Set([...slots, ...form.details].flatMap(({ from }) => from.map(({ seq }) => seq)))].sort((a, b) => a - b) };
}

const QUOTED_CHARS = 40;

/** What the citizen has been told, and what was done: nobody likes to be told twice. */
function doneLine({ lines, told }: SummaryGiven): SummaryLine | null {
  const answered = lines.filter((line) => line.role === 'bot' && line.source !== null);
  const seats = lines.filter((line) => line.role === 'seat' && line.text !== '');
  const parts = [
    ...told.tickets.map(({ number, title, state }) => `已开工单 ${number}（${state}）${short(title, 20)}`),
    ...(answered.length === 0 ? [] : [`机器人答过：${[...new Set(answered.map(({ source }) => `《${source ?? ''}》`))].slice(-3).join('、')}`]),
    ...(seats.length === 0 ? [] : [`坐席说过：${short(seats.at(-1)?.text ?? '', QUOTED_CHARS)}`]),
  ];
  const bot = lines.findLast((line) => line.role === 'bot' && line.text !== '');
  if (parts.length === 0 && bot !== undefined) parts.push(`机器人最后说：${short(bot.text, QUOTED_CHARS)}`);
  if (parts.length === 0) return null;
  return { label: '已做', text: short(parts.join('；')), seqs: [...answered.slice(-3), ...seats.slice(-1)].map(({ seq }) => seq) };
}

function openLine({ lines, sentences, questions, told }: SummaryGiven): SummaryLine | null {
  const parts: string[] = [];
  const lastAnswer = lines.findLast((line) => line.role !== 'citizen')?.seq ?? 0;
  const waiting = sentences.findLast(({ question, matter, line }) => question && matter && line.seq > lastAnswer);
  if (waiting !== undefined) parts.push(`未答：${short(waiting.text, QUOTED_CHARS)}`);
  if (told.handoffReason !== null) parts.push(`转人工：${told.handoffReason}`);
  if (questions.length > 0) parts.push(`待问：${questions.slice(0, 3).map(({ ask }) => short(ask.replace(/^请问/, '').split(/[？?。]/)[0] ?? ask, 22)).join('、')}`);
  return parts.length === 0 ? null : { label: '未了', text: short(parts.join('；')), seqs: waiting === undefined ? [] : [waiting.line.seq] };
}

function moodLine({ mood }: SummaryGiven): SummaryLine | null {
  if (mood.level === 'calm' && mood.urgency === 'normal') return null;
  return { label: '情绪', text: short(`${MOODS[mood.level]}。${mood.why.replace(/^[^：]*：/, '')}`), seqs: [...new Set(mood.signs.map(({ seq }) => seq))] };
}
