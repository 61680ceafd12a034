/**
 * Guard for operators' patterns. A small subset of regular expressions is allowed and its worst case is bounded before
 * it ever runs: no look-around, no back-references, and the number of ways in which the variable parts can split one
 * text (the cause of catastrophic backtracking) stays under a limit.
 */

/** Longest text a pattern is run on, UTF-16 units; longer messages are cut. */
export const PATTERN_TEXT_LIMIT = 400;
const WAYS_LIMIT = 60_000;

export type PatternCheck = { readonly ok: true; readonly pattern: RegExp; readonly groups: readonly string[] } | { readonly ok: false; readonly reason: string };

/** Checks and compiles one pattern (flags `iu`). Pure; never throws. */
export function checkPattern(source: string): PatternCheck {
  const reader = { source, index: 0, groups: [] as string[] };
  try {
    const { ways } = readAlternatives(reader, 0);
    if (reader.index < source.length) return { ok: false, reason: `第 ${reader.index + 1} 个字符处有多余的“${source[reader.index]}”` };
    if (ways > WAYS_LIMIT) return { ok: false, reason: '回溯可能过多：请少用 .*，改用 .{0,8} 之类的短范围' };
    const pattern = new RegExp(source, 'iu');
    if (pattern.test('')) return { ok: false, reason: '能匹配空文字，会命中所有消息' };
    return { ok: true, pattern, groups: reader.groups };
  } catch (error) {
    return { ok: false, reason: error instanceof PatternFault ? error.message : '不是合法的正则表达式' };
  }
}

class PatternFault extends Error {}

interface Reader {
  readonly source: string;
  index: number;
  readonly groups: string[];
}

/** What is known of a part of a pattern. */
interface Part {
  /** Ways in which it can split one text. */
  readonly ways: number;
  /** Whatever it matches holds one of these characters; null: nothing can be said. */
  readonly needs: ReadonlySet<string> | null;
}

/** Ways of an alternation: branches that can start alike add up, others exclude each other. */
function readAlternatives(reader: Reader, depth: number): Part {
  if (depth > 5) throw new PatternFault('括号嵌套太深');
  const branches = [readSequence(reader, depth)];
  while (reader.source[reader.index] === '|') {
    reader.index += 1;
    branches.push(readSequence(reader, depth));
  }
  const literal = branches.every((branch) => branch.head !== null);
  const heads = new Map<string, number>();
  for (const branch of branches) heads.set(branch.head ?? '', (heads.get(branch.head ?? '') ?? 0) + branch.ways);
  const needs = branches.every((branch) => branch.needs !== null) ? new Set(branches.flatMap((branch) => [...(branch.needs ?? [])])) : null;
  if (literal) return { ways: Math.max(...heads.values()), needs };
  return { ways: branches.reduce((sum, branch) => sum + branch.ways, 0), needs };
}

function readSequence(reader: Reader, depth: number): Part & { readonly head: string | null } {
  let ways = 1;
  let head: string | null = null;
  let first = true;
  let needs: ReadonlySet<string> | null = null;
  while (reader.index < reader.source.length) {
    const char = reader.source[reader.index];
    if (char === '|' || char === ')') break;
    const atom = readAtom(reader, depth);
    const { min, max } = readQuantifier(reader);
    if (first && atom.literal !== null && min > 0) head = atom.literal;
    first = false;
    // Of all that must be there, the part with the fewest possibilities says most.
    if (min > 0 && atom.needs !== null && (needs === null || atom.needs.size < needs.size)) needs = atom.needs;
    const spans = max - min + 1;
    // A variable body repeated n times can be split in body^n ways; that is what makes (a+)+ explode.
    ways *= atom.ways > 1 ? spans * atom.ways ** Math.min(max, 64) : spans;
    if (ways > 1e12) throw new PatternFault('回溯可能过多：不要在重复里再套重复');
  }
  return { ways, head, needs };
}

function readAtom(reader: Reader, depth: number): Part & { readonly literal: string | null } {
  const { source } = reader;
  const char = source[reader.index] ?? '';
  if (char === '(') {
    reader.index += 1;
    if (source.startsWith('?', reader.index)) {
      const named = /^\?<([a-zA-Z][a-zA-Z0-9]*)>/.exec(source.slice(reader.index));
      if (named?.[1] !== undefined) {
        reader.groups.push(named[1]);
        reader.index += named[0].length;
      } else if (source.startsWith('?:', reader.index)) reader.index += 2;
      else throw new PatternFault('只能用 (?:…) 和 (?<名字>…)，不能用前瞻后顾');
    }
    const inner = readAlternatives(reader, depth + 1);
    if (source[reader.index] !== ')') throw new PatternFault('括号没有配对');
    reader.index += 1;
    return { ...inner, literal: null };
  }
  if (char === '[') {
    const set = /^\[\^?(?:\\.|[^\]\\])+\]/u.exec(source.slice(reader.index));
    if (set === null) throw new PatternFault('方括号没有配对');
    reader.index += set[0].length;
    return { ways: 1, literal: null, needs: membersOf(set[0].slice(1, -1)) };
  }
  if (char === '\\') {
    const next = source[reader.index + 1] ?? '';
    if (!/[dDsSwWb.?*+()[\]{}|^$\\/-]/.test(next)) throw new PatternFault(`不允许的转义“\\${next}”`);
    reader.index += 2;
    return { ways: 1, literal: null, needs: next === 'd' ? DIGITS : /\w/.test(next) ? null : new Set(next) };
  }
  if ('*+?{'.includes(char)) throw new PatternFault(`“${char}”前面没有可以重复的内容`);
  reader.index += 1;
  const literal = char === '.' || char === '^' || char === '$' ? null : char;
  return { ways: 1, literal, needs: literal === null || /\p{Surrogate}/u.test(literal) ? null : new Set(literal) };
}

const DIGITS: ReadonlySet<string> = new Set('0123456789');
/** A class of more characters tells hardly anything. */
const MOST_MEMBERS = 64;

/** The characters of a class, given without its brackets; null for what they do not list. */
function membersOf(body: string): ReadonlySet<string> | null {
  // A range with an escape at one of its ends is not worth the reading.
  if (body.startsWith('^') || /-\\|\\.-/.test(body)) return null;
  const members = new Set<string>();
  for (const [, escaped, from = '', to] of body.matchAll(/\\(.)|([^\\])(?:-([^\\]))?/gsu)) {
    if (escaped === 'd') for (const digit of DIGITS) members.add(digit);
    else if (escaped !== undefined && /\w/.test(escaped)) return null;
    else if (to === undefined) members.add(escaped ?? from);
    else {
      const [first, last] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
      if (last - first > MOST_MEMBERS) return null;
      for (let code = first; code <= last; code += 1) members.add(String.fromCodePoint(code));
    }
  }
  return members.size > MOST_MEMBERS || [...members].some((member) => member.length > 1) ? null : members;
}

/**
 * Characters of which every match of a checked pattern holds at least one; null when nothing can be said. Upper and lower
 * case are one; letters beyond ASCII are not spoken for, and neither is □, which stands for what was blanked out.
 */
export function mustContain(source: string): ReadonlySet<string> | null {
  try {
    const { needs } = readAlternatives({ source, index: 0, groups: [] }, 0);
    return needs === null || [...needs].some((char) => char === '□' || (char > '\x7f' && char.toLowerCase() !== char.toUpperCase())) ? null : needs;
  } catch (error) {
    if (error instanceof PatternFault) return null;
    throw error;
  }
}

function readQuantifier(reader: Reader): { min: number; max: number } {
  const rest = reader.source.slice(reader.index);
  const found = /^(?:[*+?]|\{(\d{1,3})(?:(,)(\d{0,3}))?\})\??/.exec(rest);
  if (found === null) return { min: 1, max: 1 };
  reader.index += found[0].length;
  const sign = found[0][0];
  if (sign === '*') return { min: 0, max: PATTERN_TEXT_LIMIT };
  if (sign === '+') return { min: 1, max: PATTERN_TEXT_LIMIT };
  if (sign === '?') return { min: 0, max: 1 };
  const min = Number(found[1]);
  const max = found[2] === undefined ? min : found[3] === '' || found[3] === undefined ? PATTERN_TEXT_LIMIT : Number(found[3]);
  if (max < min) throw new PatternFault('重复次数的上下限颠倒了');
  return { min, max };
}
