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
    const ways = readAlternatives(reader, 0);
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

/** Ways of an alternation: branches that can start alike add up, others exclude each other. */
function readAlternatives(reader: Reader, depth: number): number {
  if (depth > 5) throw new PatternFault('括号嵌套太深');
  const branches = [readSequence(reader, depth)];
  while (reader.source[reader.index] === '|') {
    reader.index += 1;
    branches.push(readSequence(reader, depth));
  }
  const literal = branches.every((branch) => branch.head !== null);
  const heads = new Map<string, number>();
  for (const branch of branches) heads.set(branch.head ?? '', (heads.get(branch.head ?? '') ?? 0) + branch.ways);
  if (literal) return Math.max(...heads.values());
  return branches.reduce((sum, branch) => sum + branch.ways, 0);
}

function readSequence(reader: Reader, depth: number): { ways: number; head: string | null } {
  let ways = 1;
  let head: string | null = null;
  let first = true;
  while (reader.index < reader.source.length) {
    const char = reader.source[reader.index];
    if (char === '|' || char === ')') break;
    const atom = readAtom(reader, depth);
    const { min, max } = readQuantifier(reader);
    if (first && atom.literal !== null && min > 0) head = atom.literal;
    first = false;
    const spans = max - min + 1;
    // A variable body repeated n times can be split in body^n ways; that is what makes (a+)+ explode.
    ways *= atom.ways > 1 ? spans * atom.ways ** Math.min(max, 64) : spans;
    if (ways > 1e12) throw new PatternFault('回溯可能过多：不要在重复里再套重复');
  }
  return { ways, head };
}

function readAtom(reader: Reader, depth: number): { ways: number; literal: string | null } {
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
    const ways = readAlternatives(reader, depth + 1);
    if (source[reader.index] !== ')') throw new PatternFault('括号没有配对');
    reader.index += 1;
    return { ways, literal: null };
  }
  if (char === '[') {
    const set = /^\[\^?(?:\\.|[^\]\\])+\]/u.exec(source.slice(reader.index));
    if (set === null) throw new PatternFault('方括号没有配对');
    reader.index += set[0].length;
    return { ways: 1, literal: null };
  }
  if (char === '\\') {
    const next = source[reader.index + 1] ?? '';
    if (!/[dDsSwWb.?*+()[\]{}|^$\\/-]/.test(next)) throw new PatternFault(`不允许的转义“\\${next}”`);
    reader.index += 2;
    return { ways: 1, literal: null };
  }
  if ('*+?{'.includes(char)) throw new PatternFault(`“${char}”前面没有可以重复的内容`);
  reader.index += 1;
  return { ways: 1, literal: char === '.' || char === '^' || char === '$' ? null : char };
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
