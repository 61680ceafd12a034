import { checkPattern } from '../dialog/safe-pattern.ts';
import { byFirst, type ByFirst } from '../dialog/word-index.ts';
import { foldText } from '../domain/text.ts';

/** Looks words and patterns up in a folded text (`foldText`, which keeps every offset). Pure. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Lookup {
  readonly words?: readonly string[];
  readonly patterns?: readonly string[];
  readonly not?: readonly string[];
}

export interface Finder {
  /** Every place, in the order of the text; of those that overlap the earliest and longest. */
  find(folded: string): readonly Span[];
  has(folded: string): boolean;
}

/** Longest text that patterns look at, UTF-16 units; a message that is longer is read to here. */
const READ = 1200;
/** Stands for what was blanked out; no pattern of the file names it. */
const BLANK = '\u25a1';

/** Compiles what `checkPattern` let pass. The rules are checked when they are loaded. */
export function toPattern(source: string): RegExp {
  const checked = checkPattern(source);
  if (!checked.ok) throw new RangeError(checked.reason);
  return new RegExp(checked.pattern.source, 'giu');
}

export function compileFinder({ words = [], patterns = [], not = [] }: Lookup): Finder {
  const index: ByFirst<string> = byFirst([...new Set(words.map(foldText))].sort((a, b) => b.length - a.length), (word) => word);
  const wanted = patterns.map(toPattern);
  const unwanted = not.map(toPattern);
  const find = (folded: string): readonly Span[] => {
    const text = blankOut(folded.slice(0, READ), unwanted);
    const found: Span[] = [];
    for (let at = 0; at < text.length; at += 1) {
      const word = index.get(text.charCodeAt(at))?.find((each) => text.startsWith(each, at) && standsAlone(text, at, each));
      if (word !== undefined) found.push({ start: at, end: at + word.length });
    }
    for (const pattern of wanted) for (const match of text.matchAll(pattern)) if (match[0] !== '') found.push({ start: match.index, end: match.index + match[0].length });
    return withoutOverlaps(found);
  };
  return { find, has: (folded) => find(folded).length > 0 };
}

function blankOut(text: string, patterns: readonly RegExp[]): string {
  let out = text;
  for (const pattern of patterns) out = out.replace(pattern, (hit) => BLANK.repeat(hit.length));
  return out;
}

export function withoutOverlaps<Each extends Span>(spans: readonly Each[]): readonly Each[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Each[] = [];
  for (const span of sorted) if (span.start >= (kept.at(-1)?.end ?? 0)) kept.push(span);
  return kept;
}

/** Latin words and digits only as whole words: `bb` is not in `rubber`. */
function standsAlone(text: string, at: number, word: string): boolean {
  if (!/^[a-z0-9]/.test(word)) return true;
  return !/[a-z0-9]/.test(text.charAt(at - 1)) && !/[a-z0-9]/.test(text.charAt(at + word.length));
}

const CLAUSE = /[\s,，。.!！?？;；:：、~～…\n]/;

/** Where the clause that holds this place begins. */
export function clauseStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && !CLAUSE.test(text.charAt(start - 1))) start -= 1;
  return start;
}

/**
 * Is what begins at `at` denied? Negations must stand right before it, with nothing but the filling words between; two of them
 * take each other away (不是不生气).
 */
export function createNegation(negations: readonly string[], between: readonly string[]): (folded: string, at: number) => boolean {
  const deny = [...negations].sort((a, b) => b.length - a.length);
  const fill = [...between].sort((a, b) => b.length - a.length);
  return (folded, at) => {
    let end = at;
    let count = 0;
    const from = clauseStart(folded, at);
    for (;;) {
      const head = folded.slice(from, end).trimEnd();
      const denial = deny.find((word) => head.endsWith(word));
      // 要不, 再不, 还不, 能不 open a threat or a question, and deny nothing.
      if (denial !== undefined && !/(?:要|再|还|能|得了|受|岂|莫|何|好|从|差点)$/.test(head.slice(0, head.length - denial.length))) {
        count += 1;
        end = from + head.length - denial.length;
        continue;
      }
      const filler = fill.find((word) => head.endsWith(word));
      if (filler === undefined) return count % 2 === 1;
      end = from + head.length - filler.length;
    }
  };
}
