import type { KnowledgeEntry, KnowledgeModule } from '../../domain/knowledge.ts';
import { toSimplified } from '../../domain/text.ts';
import type { Alphabet } from './alphabet.ts';
import { BODY_ROWS, HEAD_ROWS, writeBody, writeHead } from './head-features.ts';
import { BLOCK_SLOTS, BLOCK_WORDS, createSignatures, type Signatures } from './signatures.ts';

/**
 * The entries in numbered slots, with the texts that are searched and the tables that say where to look. An entry that is
 * put again keeps its slot; a slot that was emptied is given to the next one.
 */
export interface Shelf {
  put(entry: KnowledgeEntry): void;
  remove(id: string): void;
  slot(id: string): number | undefined;
  entry(slot: number): KnowledgeEntry | null;
  /** What is counted, as numbers into `modules` and `departments`. */
  module(slot: number): number;
  /** Of its department; -1 when it covers others too: ask the entry. */
  department(slot: number): number;
  /** Encoded: `question \n wordings … \n keywords`. */
  head(slot: number): string;
  questionEnd(slot: number): number;
  wordingsEnd(slot: number): number;
  /** Unfolded but for traditional characters. */
  body(slot: number): string;
  readonly modules: readonly KnowledgeModule[];
  readonly departments: readonly string[];
  readonly heads: Signatures;
  readonly bodies: Signatures;
  /** Slots of a block that hold an entry. */
  taken(block: number): Int32Array;
  readonly blocks: () => number;
  readonly size: () => number;
}


export function createShelf(alphabet: Alphabet): Shelf {
  const heads = createSignatures(HEAD_ROWS);
  const bodies = createSignatures(BODY_ROWS);
  const slots = new Map<string, number>();
  const free: number[] = [];
  const modules: KnowledgeModule[] = [];
  const departments: string[] = [];
  const moduleOf: number[] = [];
  const departmentOf: number[] = [];
  const entries: (KnowledgeEntry | null)[] = [];
  const headTexts: string[] = [];
  const bodyTexts: string[] = [];
  const questionEnds: number[] = [];
  const wordingEnds: number[] = [];
  const taken: Int32Array<ArrayBuffer>[] = [];
  const takenIn = (block: number): Int32Array => (taken[block] ??= new Int32Array(BLOCK_WORDS));
  const take = (slot: number, isTaken: boolean): void => {
    const words = takenIn(Math.floor(slot / BLOCK_SLOTS));
    const at = (slot % BLOCK_SLOTS) >>> 5;
    words[at] = isTaken ? (words[at] ?? 0) | (1 << (slot & 31)) : (words[at] ?? 0) & ~(1 << (slot & 31));
  };
  return {
    put: (entry) => {
      const known = slots.get(entry.id);
      const slot = known ?? free.pop() ?? entries.length;
      slots.set(entry.id, slot);
      const wordings = wordingsOf(entry);
      const question = alphabet.encode(entry.question);
      const spoken = [question, ...wordings.map((wording) => alphabet.encode(wording))].join('\n');
      const head = [spoken, ...(entry.keywords ?? []).map((keyword) => alphabet.encode(keyword))].join('\n');
      const body = toSimplified(bodyOf(entry));
      if (slot < entries.length) {
        heads.clear(slot);
        bodies.clear(slot);
      }
      entries[slot] = entry;
      take(slot, true);
      headTexts[slot] = head;
      bodyTexts[slot] = body;
      questionEnds[slot] = question.length;
      wordingEnds[slot] = spoken.length;
      writeHead(heads, slot, head, alphabet);
      writeBody(bodies, slot, alphabet.encode(body));
      moduleOf[slot] = numberIn(modules, entry.module);
      departmentOf[slot] = (entry.alsoDepartments ?? []).length === 0 ? numberIn(departments, entry.department) : -1;
    },
    remove: (id) => {
      const slot = slots.get(id);
      if (slot === undefined) return;
      slots.delete(id);
      free.push(slot);
      entries[slot] = null;
      take(slot, false);
      headTexts[slot] = '';
      bodyTexts[slot] = '';
      heads.clear(slot);
      bodies.clear(slot);
    },
    slot: (id) => slots.get(id),
    entry: (slot) => entries[slot] ?? null,
    module: (slot) => moduleOf[slot] ?? 0,
    department: (slot) => departmentOf[slot] ?? -1,
    modules,
    departments,
    head: (slot) => headTexts[slot] ?? '',
    questionEnd: (slot) => questionEnds[slot] ?? 0,
    wordingsEnd: (slot) => wordingEnds[slot] ?? 0,
    body: (slot) => bodyTexts[slot] ?? '',
    taken: (block) => takenIn(block),
    heads,
    bodies,
    blocks: () => Math.ceil(entries.length / BLOCK_SLOTS),
    size: () => slots.size,
  };
}

/** Every way of asking beside the standard question, in the order of the head. */
export function wordingsOf(entry: KnowledgeEntry): readonly string[] {
  return entry.en === undefined ? entry.wordings : [...entry.wordings, entry.en.question, ...entry.en.wordings];
}

/** All that an entry answers. Mostly the answer alone, which is then not copied. */
export function bodyOf(entry: KnowledgeEntry): string {
  const { conditions, steps, materials, fees, hours, places } = entry;
  const more = [conditions?.who, conditions?.where, ...(steps ?? []), ...(materials ?? []), fees, hours, ...(places ?? []).flatMap((place) => [place.name, place.address, place.phone, place.hours])].filter((part) => part !== undefined && part !== '');
  return more.length === 0 ? entry.answer : [entry.answer, ...more].join('\n');
}

/** Place of a value in a short list; a new one is added. */
function numberIn<T>(list: T[], value: T): number {
  const at = list.indexOf(value);
  return at < 0 ? list.push(value) - 1 : at;
}
