import type { KnowledgeEntry } from '../domain/knowledge.ts';

/** Every published entry of this node, by id. What came from a file of this disk is read when it is asked for: reading 100,000 of them would be most of a start. */

/** What is known of an entry without reading it. */
export interface Shelved {
  readonly from: string;
  readonly until: string | null;
  /** For citizens too, not for the desk only. */
  readonly open: boolean;
}

export interface Shelf {
  readonly size: () => number;
  put(entry: KnowledgeEntry): void;
  /** An entry as the JSON text that stands in `bytes` from `start` to `end`. The bytes must never change. */
  putText(id: string, shelved: Shelved, bytes: Buffer, start: number, end: number): void;
  remove(id: string): boolean;
  get(id: string): KnowledgeEntry | null;
  known(id: string): Shelved | null;
  ids(): IterableIterator<string>;
  entries(): Iterable<KnowledgeEntry>;
  /** All entries as they are now, each to be turned into its JSON text when it is written. */
  texts(): readonly { readonly id: string; readonly shelved: Shelved; readonly text: () => Uint8Array }[];
}

type Book =
  | { readonly shelved: Shelved; readonly entry: KnowledgeEntry }
  | { readonly shelved: Shelved; readonly bytes: Buffer; readonly start: number; readonly end: number };

export const shelvedOf = (entry: KnowledgeEntry): Shelved => ({ from: entry.effectiveFrom, until: entry.expiresOn ?? null, open: entry.audience !== 'desk' });

/** @param read turns JSON text back into an entry; the text was written by `texts`, so it is one */
export function createShelf(read: (text: string) => KnowledgeEntry): Shelf {
  const books = new Map<string, Book>();
  const entryOf = (book: Book): KnowledgeEntry => ('entry' in book ? book.entry : read(book.bytes.toString('utf8', book.start, book.end)));

  return {
    size: () => books.size,
    put: (entry) => void books.set(entry.id, { shelved: shelvedOf(entry), entry }),
    putText: (id, shelved, bytes, start, end) => void books.set(id, { shelved, bytes, start, end }),
    remove: (id) => books.delete(id),
    get: (id) => {
      const book = books.get(id);
      if (book === undefined) return null;
      const entry = entryOf(book);
      // Asked for once, asked for again.
      if (!('entry' in book)) books.set(id, { shelved: book.shelved, entry });
      return entry;
    },
    known: (id) => books.get(id)?.shelved ?? null,
    ids: () => books.keys(),
    *entries() {
      for (const book of books.values()) yield entryOf(book);
    },
    texts: () => [...books].map(([id, book]) => ({ id, shelved: book.shelved, text: () => ('entry' in book ? Buffer.from(JSON.stringify(book.entry), 'utf8') : book.bytes.subarray(book.start, book.end)) })),
  };
}
