import type { Choice } from '../../domain/activity.ts';
import { parseChineseNumber } from '../../domain/digits.ts';
import { foldText } from '../../domain/text.ts';
import { syllablesOf } from '../syllables.ts';
import type { ChoiceRead, SlotContext, SlotLexicon } from '../slots-types.ts';
import { byFirst, onceFor, type ByFirst } from '../word-index.ts';

type WithLexicon = Pick<SlotContext, 'lexicon'>;

const PUNCTUATION = /[\s,.!?;:、。…~—"'“”‘’()《》<>-]+/g;
/** Sounds that open an answer and say nothing. */
const FILLER = /^(?:那个|这个|呃|额|哦|噢|喔|啊|哎|唉|诶|那|就|我说|我想|我觉得)+/;
/** Neither yes nor no: doubt, a question back, a condition. */
const DOUBT =
  /不是不|不是说不|不一定|不知道|不清楚|不确定|不太清楚|不太确定|不晓得|唔知|唔清楚|唔肯定|说不准|说不好|不好说|再说|再看|看情况|可能|也许|或许|大概|应该吧|随便|都行吧|没想好|考虑|犹豫|差不多|是不是|对不对|好不好|行不行|可不可以|能不能|要不要|有没有|是吗|对吗|好吗|行吗|系咪|得唔得|吗$|么$|如果|要是|除非|maybe|not sure|don't know|perhaps/;

/** Longest words first, folded. */
function words(list: readonly string[]): string[] {
  return [...new Set(list.map((word) => foldText(word).replace(PUNCTUATION, '')))].filter((word) => word !== '').sort((a, b) => b.length - a.length);
}

/** Yes and no words by their first character, longest first; a yes before a no of the same length. */
const voting = onceFor((lexicon: SlotLexicon): ByFirst<readonly [string, boolean]> => {
  const all = [...words(lexicon.yes).map((word) => [word, true] as const), ...words(lexicon.no).map((word) => [word, false] as const)];
  return byFirst(all.sort((a, b) => b[0].length - a[0].length), ([word]) => word);
});

/** Words that open a correction by their first character, longest first. */
const correcting = onceFor((lexicon: SlotLexicon): ByFirst<string> => byFirst(words(lexicon.correction), (word) => word));

/** Splits the text into the yes and no words it holds, longest first at each place. */
function votes(text: string, lexicon: SlotLexicon): { readonly first: boolean | null; readonly any: Set<boolean>; readonly rest: string } {
  const all = voting(lexicon);
  let first: boolean | null = null;
  const any = new Set<boolean>();
  let rest = '';
  for (let at = 0; at < text.length; ) {
    const hit = all.get(text.charCodeAt(at))?.find(([word]) => text.startsWith(word, at) && wholeWord(text, at, word));
    if (hit === undefined) {
      rest += text.charAt(at);
      at += 1;
      continue;
    }
    if (rest === '') first ??= hit[1];
    any.add(hit[1]);
    at += hit[0].length;
  }
  return { first, any, rest };
}

/** Latin words must stand alone: `no` is not in `know`. */
function wholeWord(text: string, at: number, word: string): boolean {
  if (!/^[a-z]/.test(word)) return true;
  return !/[a-z]/.test(text.charAt(at - 1)) && !/[a-z]/.test(text.charAt(at + word.length));
}

/**
 * True for yes, false for no, null when it is neither or in doubt (不是不行, 不一定, 是不是). A no beside a yes wins
 * (好的，不用了). In a longer sentence only an opening yes or no counts.
 */
export function readYesNo(text: string, ctx: WithLexicon): boolean | null {
  const folded = foldText(text).trim();
  if (folded === '' || /[?？]\s*$/.test(folded) || DOUBT.test(folded)) return null;
  const spaced = folded.replace(PUNCTUATION, ' ').trim();
  const compact = /[a-z]/.test(spaced) ? spaced : spaced.replaceAll(' ', '');
  // 就这样 is an answer; 就, 对 has a filler in front.
  const bare = votes(compact, ctx.lexicon).first === null ? compact.replace(FILLER, '').trim() : compact;
  const { first, any, rest } = votes(bare, ctx.lexicon);
  if (any.size === 0) return null;
  const short = [...rest.replaceAll(' ', '')].length <= 4;
  if (short && any.size === 1) return any.has(true);
  if (short) return false;
  // 对，就是鸿福路那个地方: a longer sentence counts only by its opening, and only when a pause follows it.
  const opening = folded.replace(FILLER, '').split(/[\s,.!;:、。…]/)[0] ?? '';
  const head = votes(opening.replace(PUNCTUATION, ''), ctx.lexicon);
  return head.rest === '' && head.any.size === 1 ? first : null;
}

const ORDINAL = /^(?:我?(?:要|选|选择|按|是|就|想要|想选|就选|就要))*(?:第)?([0-9]{1,2}|[一二两三四五六七八九十]{1,2})(?:个|项|号|条|种|那个|选项|键)?(?:吧|的|啊|呀|咯|啦)*$/;
const LAST = /^(?:我?(?:要|选|是))?(?:最后|最后面|最下面)(?:那|一|的)*(?:个|项|条)?(?:吧|的)?$/;
const FIRST = /^(?:我?(?:要|选|是))?(?:最?(?:上面|前面)|头)(?:那|一|的)*(?:个|项|条)?(?:吧|的)?$/;
const NEITHER = /^(?:都不是|都不对|都不要|没有|以上都不|不在里面|其他$|none)/;

const plain = (text: string): string => foldText(text).replace(PUNCTUATION, '');

/**
 * Which of the offered choices was meant, or null. `keys` are pressed phone keys. In this order: key, value or title word
 * for word, number or ordinal (第二个, 选1, 最后一个), a unique part of a title, a close spelling or sound.
 */
export function readChoice(text: string, choices: readonly Choice[], keys?: string): ChoiceRead | null {
  const pick = (index: number, confidence: number): ChoiceRead | null => {
    const choice = choices[index];
    return choice === undefined ? null : { ...choice, index, confidence };
  };
  if (keys !== undefined && keys !== '') {
    const pressed = keys.replace(/#$/, '') || keys;
    const byKey = choices.findIndex((choice) => choice.key === pressed);
    if (byKey >= 0) return pick(byKey, 1);
    return choices.every((choice) => choice.key === undefined) && /^[1-9]\d?$/.test(pressed) ? pick(Number(pressed) - 1, 1) : null;
  }
  const said = plain(text);
  if (said === '') return null;
  const exact = choices.findIndex((choice) => plain(choice.value) === said || plain(choice.title) === said);
  if (exact >= 0) return pick(exact, 1);
  if (NEITHER.test(said)) return null;
  const ordinal = ORDINAL.exec(said);
  if (ordinal !== null) {
    const number = parseChineseNumber(ordinal[1] ?? '');
    if (number !== null) {
      const byKey = said.includes('第') ? -1 : choices.findIndex((choice) => choice.key === String(number));
      return pick(byKey >= 0 ? byKey : number - 1, 0.98);
    }
  }
  if (LAST.test(said)) return pick(choices.length - 1, 0.95);
  if (FIRST.test(said)) return pick(0, 0.9);
  return bySimilarity(said, choices, pick);
}

function bySimilarity(said: string, choices: readonly Choice[], pick: (index: number, confidence: number) => ChoiceRead | null): ChoiceRead | null {
  const titles = choices.map((choice) => plain(choice.title));
  const holding = titles.flatMap((title, index) => (title.length >= 2 && said.includes(title) ? [index] : []));
  if (holding.length === 1 && holding[0] !== undefined) return pick(holding[0], 0.95);
  if (holding.length > 1) return null;
  if (said.length >= 2) {
    const held = titles.flatMap((title, index) => (title.includes(said) ? [index] : []));
    if (held.length === 1 && held[0] !== undefined) return pick(held[0], 0.85);
    if (held.length > 1) return null;
  }
  if (said.length < 2 || said.length > 30) return null;
  const heard = sound(said);
  const scores = titles.map((title) => Math.max(overlap(said, title), 0.95 * overlap(heard, soundOfTitle(title))));
  const best = scores.indexOf(Math.max(...scores));
  const score = scores[best] ?? 0;
  const second = Math.max(0, ...scores.filter((_, index) => index !== best));
  return score >= 0.5 && score - second >= 0.15 ? pick(best, Math.min(0.8, score)) : null;
}

/** How much of the shorter text's characters (as pairs where it has two) the other one holds, damped by the length gap. */
function overlap(a: string | readonly string[], b: string | readonly string[]): number {
  const left = [...a];
  const right = [...b];
  if (left.length < 2 || right.length < 2) return 0;
  const grams = (list: readonly string[]): string[] => list.slice(1).map((item, index) => `${list[index] ?? ''}|${item}`);
  const pool = grams(right);
  const total = Math.min(left.length, right.length) - 1;
  let shared = 0;
  for (const gram of grams(left)) {
    const at = pool.indexOf(gram);
    if (at < 0) continue;
    pool.splice(at, 1);
    shared += 1;
  }
  return (shared / total) * Math.min(1, 0.7 + (0.3 * Math.min(left.length, right.length)) / Math.max(left.length, right.length));
}

/** Syllables without tones, with the sounds that southern speakers and recognisers mix up made one. */
function sound(text: string): string[] {
  return syllablesOf(text).map((syllable) => syllable.replace(/^([zcs])h/, '$1').replace(/^n(?=[aeiou])/, 'l').replace(/ng$/, 'n'));
}

/** Titles come from flows and are asked about again and again; reading their sounds costs more than all the rest. */
const TITLES_KEPT = 1_000;
const titleSounds = new Map<string, readonly string[]>();

function soundOfTitle(title: string): readonly string[] {
  const known = titleSounds.get(title);
  if (known !== undefined) return known;
  // Begun anew when it is full: what is said at the moment comes back at once.
  if (titleSounds.size >= TITLES_KEPT) titleSounds.clear();
  const sounds = sound(title);
  titleSounds.set(title, sounds);
  return sounds;
}

/** Correction words that need what follows to prove it: 不是 also opens plain sentences (不是本地人). */
const WEAK = /^(?:不是|不对|错了|不|唔系|唔啱)$/;
const AFTER_WEAK = /^(?:的|啊|呀|哦|了)?(?:$|[\s,.;:、。!]+|(?=是|应该|我说|我的意思|我要|我是说|改))/;

/**
 * Splits 不对，是大朗 into what was rejected and the new text. `rest` is what follows the correction word, `before` what
 * stood in front of it (可能是东城，不对，是南城). Null when nothing is corrected.
 */
export function splitCorrection(text: string, ctx: WithLexicon): { readonly before: string; readonly rest: string } | null {
  const folded = foldText(text);
  const list = correcting(ctx.lexicon);
  // 不是东城是南城, 不是15号而是16号.
  const pair = !/不是|唔系/.test(folded) ? null : /(?:^|[\s,.;:、。!])(?:不是|唔系)([^\s,.;、。!是]{1,16})[\s,.;、。]*(?:是|而是|系|应该是)(?=.)/.exec(folded);
  if (pair !== null) {
    const cut = pair.index + pair[0].length;
    return { before: text.slice(0, pair.index).trim(), rest: text.slice(cut).trim() };
  }
  const starts = [...folded.matchAll(/(?:^|[\s,.;:、。!?])+/g)].map((match) => match.index + match[0].length);
  for (const start of starts) {
    const from = start + (FILLER.exec(folded.slice(start))?.[0].length ?? 0);
    const word = list.get(folded.charCodeAt(from))?.find((each) => folded.startsWith(each, from));
    if (word === undefined) continue;
    let end = from + word.length;
    if (WEAK.test(word)) {
      const after = AFTER_WEAK.exec(folded.slice(end));
      if (after === null) continue;
      end += after[0].length;
    }
    // 不对，不对，应该是大朗: take the last marker in a row.
    const more = /^(?:[\s,.;:、。!]|不对|不是|错了|说错了?|搞错了?|应该是|应该系|应该|系|我说的是|我是说|我的意思是|改成|改为|是)+/.exec(folded.slice(end));
    if (more !== null) end += more[0].length;
    const before = text.slice(0, start).replace(/[\s，,。、]+$/, '');
    return { before: before.replace(FILLER, '') === '' ? '' : before, rest: text.slice(end).replace(/[\s。！!]+$/, '').trim() };
  }
  return null;
}

/** Does the citizen take something back or put it right? A bare 不对 counts too: read a pending yes/no question first. */
export function isCorrection(text: string, ctx: WithLexicon): boolean {
  return splitCorrection(text, ctx) !== null;
}
