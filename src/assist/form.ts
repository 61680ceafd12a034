import type { Item, TicketKind, Town } from '../domain/config-files.ts';
import type { ItemSuggestion } from '../domain/conversation.ts';
import { ITEM_SCORE } from './dispatch.ts';
import { evidenceOf, type Sentence } from './lines.ts';
import { type Matter, titleOf } from './matter.ts';
import { choose, type Reading, type Readings } from './readings.ts';
import type { AssistRules } from './rules.ts';
import type { Detail, Evidence, FilledSlot, FormPart, Line, MoodPart, SlotName, Told } from './types.ts';
import type { Finder } from './words.ts';

/** The ticket form, filled from the conversation: each field with the words it comes from and how sure it is. Pure. */

export interface FormGiven {
  readonly lines: readonly Line[];
  readonly matter: Matter;
  readonly readings: Readings;
  readonly mood: MoodPart;
  /** Best first. */
  readonly items: readonly ItemSuggestion[];
  readonly itemOf: (code: string) => Item | undefined;
  readonly towns: readonly Town[];
  readonly told: Told;
  readonly rules: AssistRules;
}

const LABELS: Readonly<Record<SlotName, string>> = { kind: '类别', itemCode: '事项', title: '标题', content: '内容', townId: '镇街', place: '地点', happened: '发生时间', name: '称呼', urgency: '紧急程度', callback: '承诺回电', confidential: '要求保密' };
const URGENCY_NAMES = { normal: '一般', urgent: '紧急', emergency: '特急' } as const;
/** A suggestion that is less likely is no value for a form. */
const LEAST_ITEM = 0.3;
/** Where one lives is not where it happens. */
const HOME = /(?:我(?:家)?(?:是)?(?:住|户籍|老家)|户口|人在|我在.{0,6}上班).{0,4}$/;
const HOME_MALUS = 0.35;
const MATTER_BONUS = 0.1;

export function fillForm(given: FormGiven): FormPart {
  const { matter, readings, mood, items, itemOf, towns, told, rules, lines } = given;
  const slots: FilledSlot[] = [];
  const put = (name: SlotName, value: string, shown: string, confidence: number, from: readonly Evidence[], note: string | null = null): void => {
    slots.push({ name, label: LABELS[name], value, shown, confidence: Math.round(Math.min(0.99, confidence) * 100) / 100, from, note });
  };
  const matterSeqs = new Set(matter.sentences.map(({ line }) => line.seq));
  const bonus = (reading: Reading<unknown>): number => (matterSeqs.has(reading.line.seq) ? MATTER_BONUS : 0) - (HOME.test(reading.line.folded.slice(0, reading.from.start)) ? HOME_MALUS : 0);

  const item = items[0];
  const known = item !== undefined && item.score >= LEAST_ITEM ? itemOf(item.code) : undefined;
  const kind = kindOf(given, known);
  if (matter.text !== '' || told.slots.length > 0) put('kind', kind.kind, kind.kind, kind.confidence, kind.from, kind.note);
  if (item !== undefined && known !== undefined) put('itemCode', item.code, item.name, item.score, wordsIn(matter.sentences, item.matched), item.sure ?? item.score >= ITEM_SCORE ? null : '把握不大，请核对');

  const town = choose(readings.towns, bonus);
  const place = choose(readings.places, bonus);
  const whole = place === null ? null : wholePlace(place, readings.places, readings);
  const wrong = town?.corrected === true ? wrongTowns(readings, town.value, towns) : [];
  const right = towns.find(({ id }) => id === town?.value);
  const title = titleOf(matter, items.slice(0, 2).flatMap(({ matched }) => matched), {
    place: whole === null ? null : { text: withTown(whole.text, right), from: town === null ? whole.from : [...whole.from, town.from] },
    known: readings.places.map(({ value }) => value),
    put: (text) => (right === undefined ? text : wrong.reduce((out, name) => out.replace(name, right.short), text)),
  });
  if (title !== null) put('title', title.text, title.text, 0.75, title.from);
  const content = withCorrections(matter.text, [
    ...(right !== undefined && wrong.some((name) => matter.text.includes(name)) ? [`镇街更正为${right.name}`] : []),
    ...(place?.corrected === true && whole?.from.length === 1 && readings.places.some((each) => each.line.seq < place.line.seq && each.value !== place.value && matter.text.includes(each.value)) ? [`地点更正为${place.value}`] : []),
  ]);
  if (content !== '') put('content', content, content, 0.85, matter.sentences.map(({ line, start, end }) => evidenceOf(line, start, end)));
  else fromBot(told, 'content', (value) => put('content', value, value, 0.7, [], '取自机器人登记的内容'));

  const nameOf = (id: string): string => towns.find((each) => each.id === id)?.name ?? id;
  if (town !== null) put('townId', town.value, nameOf(town.value), town.confidence, [town.from], correctedNote(town, readings.towns, nameOf));
  else fromBot(told, 'town', (value) => {
    const named = towns.find((each) => each.name === value || each.short === value);
    if (named !== undefined) put('townId', named.id, named.name, 0.8, [], '取自机器人登记的内容');
  });
  if (place !== null && whole !== null) {
    put('place', whole.text, whole.text, place.confidence, whole.from, whole.from.length > 1 ? null : correctedNote(place, readings.places, (value) => value));
  } else fromBot(told, 'place', (value) => put('place', value, value, 0.8, [], '取自机器人登记的内容'));

  const times = timesOf(given, bonus);
  if (times !== null) put('happened', times.text, times.text, times.confidence, times.from, times.note);
  else fromBot(told, 'happened', (value) => put('happened', value, value, 0.8, [], '取自机器人登记的内容'));

  const name = readings.names.findLast(({ confidence }) => confidence >= 0.6);
  if (name !== undefined) put('name', name.value, name.value, name.confidence, [name.from]);
  if (mood.urgency !== 'normal') put('urgency', mood.urgency, URGENCY_NAMES[mood.urgency], 0.85, mood.signs.filter(({ id }) => mood.urgentBy.includes(id)).slice(0, 4).map(({ seq, start, end, text }) => ({ seq, start, end, text })), mood.why);
  const callback = wishOf(lines, rules.callback, rules);
  if (callback.length > 0) put('callback', 'true', '是', 0.85, callback);
  const confidential = wishOf(lines, rules.confidential, rules);
  if (confidential.length > 0) put('confidential', 'true', '是', 0.9, confidential);
  else if (kind.kind === '举报') put('confidential', 'true', '是', 0.6, [], '举报件默认保密');

  return { slots, details: detailsOf(readings, rules) };
}

function fromBot({ slots }: Told, name: string, use: (value: string) => void): void {
  const value = slots.find((slot) => slot.name === name)?.value ?? '';
  if (value !== '' && !value.includes('*')) use(value);
}

/** “改为东城街道，先前说的是莞城街道”. */
function correctedNote<Value>(chosen: Reading<Value>, all: readonly Reading<Value>[], shown: (value: Value) => string): string | null {
  if (!chosen.corrected) return null;
  const before = all.findLast((each) => each.line.seq <= chosen.line.seq && each !== chosen && each.value !== chosen.value && !each.corrected);
  return before === undefined ? '市民更正' : `市民更正，先前说的是${shown(before.value)}`;
}

/** 鸿福路 said first and 万达广场门口 when asked again belong together. */
function wholePlace(chosen: Reading<string>, all: readonly Reading<string>[], { corrections }: Readings): { readonly text: string; readonly from: readonly Evidence[] } {
  const alone = { text: chosen.value, from: [chosen.from] };
  // 不是鸿福路，是万达广场 takes the road back; 不是莞城，是东城，万达广场旁边 does not.
  const takenBack = ({ line }: Reading<string>, value: string): boolean => (corrections.get(line.seq) ?? []).some(({ start, end }) => line.text.slice(start, end).includes(value) || /地[址点方]|位置|路/.test(line.folded.slice(start, end)));
  // 东环路 … 跟体育路: a crossing, said in two goes.
  const joint = /^[跟和与同]\s?$/.test(chosen.line.folded.slice(0, chosen.from.start)) ? '与' : '';
  if (!(chosen.asked || chosen.corrected || joint !== '') || (joint === '' && /路|街|大道|小区|花园|村/.test(chosen.value))) return alone;
  const road = all.find((each) => each.line.seq < chosen.line.seq && /(?:路|街|大道|小区|花园|村)$/.test(each.value) && !each.value.includes(chosen.value) && !chosen.value.includes(each.value) && !takenBack(chosen, each.value));
  return road === undefined ? alone : { text: `${road.value}${joint}${chosen.value}`, from: [road.from, chosen.from] };
}

/** Names of the towns that were said before the right one. */
function wrongTowns({ towns: said }: Readings, right: string, towns: readonly Town[]): readonly string[] {
  const wrong = new Set(said.filter(({ value, corrected }) => value !== right && !corrected).map(({ value }) => value));
  return towns.filter(({ id }) => wrong.has(id)).flatMap(({ name, short }) => [name, short]).sort((a, b) => b.length - a.length);
}

/** The citizen's sentences still say what was put right later: the form must not contradict itself in silence. */
function withCorrections(text: string, corrections: readonly string[]): string {
  return text === '' || corrections.length === 0 ? text : `${text}（${corrections.join('，')}）`;
}

function withTown(place: string, town: Town | undefined): string {
  return town === undefined || place.includes(town.short) ? place : `${town.short}${place}`;
}

const SHOWN_TIMES = 2;
/** 每天晚上十二点到两点 says more than the 半夜两点 of the story. */
const RECURRING_BONUS = 0.15;

/** When it happened: all that was said of it in one message; not when to call back, not what lies ahead. */
function timesOf({ readings, rules }: FormGiven, bonus: (reading: Reading<unknown>) => number): { readonly text: string; readonly confidence: number; readonly from: readonly Evidence[]; readonly note: string | null } | null {
  const said = readings.times.filter((each) => {
    const clause = clauseAround(each.line.folded, each.from.start, each.from.end);
    return (each.value.recurring || each.value.from <= each.line.at) && !rules.callback.has(clause) && !rules.asides.has(clause);
  });
  const chosen = choose(said, (each) => bonus(each) + (each.value.recurring ? RECURRING_BONUS : 0));
  if (chosen === null) return null;
  const together = chosen.corrected ? [chosen] : said.filter((each) => each.line.seq === chosen.line.seq).slice(0, SHOWN_TIMES);
  return { text: [...new Set(together.map(({ value }) => value.spoken))].join('，'), confidence: chosen.confidence, from: together.map(({ from }) => from), note: correctedNote(chosen, said, ({ spoken }) => spoken) };
}

function clauseAround(text: string, start: number, end: number): string {
  const ends = /[，,。！!？?；;\n]/;
  let [from, to] = [start, end];
  while (from > 0 && !ends.test(text.charAt(from - 1))) from -= 1;
  while (to < text.length && !ends.test(text.charAt(to))) to += 1;
  return text.slice(from, to);
}

/** Words of a wish in what the citizen said, those that are denied left out. What was said last holds: 匿名 … 不用匿名了. */
function wishOf(lines: readonly Line[], finder: Finder, rules: AssistRules): readonly Evidence[] {
  for (const line of lines.toReversed()) {
    if (line.role !== 'citizen') continue;
    const found = finder.find(line.folded).filter(({ start }) => /^(?:不|别|唔)/.test(line.folded.slice(start)) || !rules.isDenied(line.folded, start));
    if (found.length > 0) return found.map(({ start, end }) => evidenceOf(line, start, end));
    if (REVOKED.test(line.folded) && finder.has(line.folded.replace(REVOKED, ''))) return [];
  }
  return [];
}

const REVOKED = /不(?:用|需要|必|要)(?=保密|匿名|回电|回复|打电话|联系|给我)/;

export interface KindFound {
  readonly kind: TicketKind;
  readonly confidence: number;
  readonly from: readonly Evidence[];
  readonly note: string | null;
}

function kindOf({ lines, matter, mood, told, rules }: FormGiven, item: Item | undefined): KindFound {
  const citizen = lines.filter((line) => line.role === 'citizen');
  for (const { kind, finder } of rules.kinds) {
    const from = citizen.flatMap((line) => finder.find(line.folded).filter(({ start }) => !rules.isDenied(line.folded, start)).map(({ start, end }) => evidenceOf(line, start, end)));
    // A polite 请问 does not make an enquiry of a complaint.
    if (from.length === 0 || (kind === '咨询' && !matter.asksOnly)) continue;
    return { kind, confidence: 0.85, from: from.slice(0, 3), note: null };
  }
  const asks = matter.sentences.some(({ question, text }) => question || /[?？]$/u.test(text));
  if (matter.asksOnly || (asks && item?.kinds[0] === '咨询' && mood.level === 'calm')) return { kind: '咨询', confidence: 0.75, from: matter.sentences.slice(0, 2).map(({ line, start, end }) => evidenceOf(line, start, end)), note: '市民在提问' };
  const bot = told.slots.find(({ name }) => name === 'kind')?.value;
  const named = (['投诉', '求助', '举报', '建议', '表扬', '咨询'] as const).find((each) => each === bot);
  if (named !== undefined) return { kind: named, confidence: 0.8, from: [], note: '取自机器人登记的类别' };
  if (item !== undefined && !item.kinds.includes('求助') && item.kinds[0] !== undefined) return { kind: item.kinds.includes('投诉') ? '投诉' : item.kinds[0], confidence: 0.65, from: [], note: `“${item.name}”一般是${item.kinds.join('、')}` };
  if (mood.level !== 'calm') return { kind: '投诉', confidence: 0.6, from: mood.signs.slice(0, 2), note: '按情绪判断' };
  return { kind: '求助', confidence: 0.5, from: [], note: '没有明显的词，请核对' };
}

/** Where the deciding words of an item stand, each once. */
function wordsIn(sentences: readonly Sentence[], words: readonly string[]): readonly Evidence[] {
  return words.flatMap((word) => {
    for (const { line, start, end } of sentences) {
      const at = line.text.indexOf(word, start);
      if (at >= 0 && at < end) return [evidenceOf(line, at, at + word.length)];
    }
    return [];
  });
}

/** Facts without a field of their own. */
function detailsOf(readings: Readings, rules: AssistRules): readonly Detail[] {
  return rules.facts.flatMap(({ rule }) => {
    const from = rule.builtin === undefined && rule.silent !== true ? (readings.facts.get(rule.id) ?? []) : [];
    return from.length === 0 ? [] : [{ id: rule.id, label: rule.label, value: [...new Set(from.map(({ text }) => text))].slice(0, 3).join('、'), from }];
  });
}
