import { create, insert, search as searchOrama } from '@orama/orama';
import Database from 'better-sqlite3';
import FlexSearch from 'flexsearch';
import MiniSearch from 'minisearch';
import type { Analysis, Analyzer } from '../../../src/matcher/segment.ts';
import type { MatchEntry } from '../../../src/matcher/types.ts';

/**
 * The peers, each with its own ranking, all over the same tokens: what our analyzer reads of an entry (wordings, keywords,
 * category, answer) or a question, words and characters, as one field, parted by blanks.
 */

export interface Peer {
  add(id: number, tokens: string): void | Promise<void>;
  ready(): void;
  /** Ids of the ten best, best first. */
  search(tokens: string): readonly string[] | Promise<readonly string[]>;
  remove?(id: number, tokens: string): void;
}

const TEN = 10;
const split = (text: string): string[] => text.split(' ');

/** A character or pair as a token that is no word. */
const charToken = (key: number): string => `_${key < 0x10000 ? '' : String.fromCharCode(key >>> 16)}${String.fromCharCode(key & 0xffff)}`;

export function tokensOf(analyzer: Analyzer, entry: MatchEntry): string {
  const tokens: string[] = [];
  for (const text of [entry.question, ...(entry.variants ?? []), (entry.keywords ?? []).join('\n'), entry.category ?? '', entry.answer ?? '']) {
    if (text === '') continue;
    const { terms, chars } = analyzer.read(text);
    tokens.push(...terms, ...chars.map(charToken));
  }
  return tokens.join(' ');
}

export function questionTokens({ distinctWords, distinctChars }: Analysis): string {
  return [...distinctWords, ...Array.from(distinctChars, charToken)].join(' ');
}

function minisearch(): Peer {
  const index = new MiniSearch<{ id: number; text: string }>({ fields: ['text'], tokenize: split, processTerm: (term) => term });
  return {
    add: (id, text) => index.add({ id, text }),
    ready: () => undefined,
    search: (text) => index.search(text, { combineWith: 'OR' }).slice(0, TEN).map(({ id }) => String(id)),
    remove: (id, text) => index.remove({ id, text }),
  };
}

function orama(): Peer {
  const database = create({ schema: { text: 'string' }, components: { tokenizer: { language: 'english', normalizationCache: new Map<string, string>(), tokenize: split } } });
  return {
    add: async (id, text) => void (await insert(database, { id: String(id), text })),
    ready: () => undefined,
    // A threshold of 1: documents with any of the words.
    search: async (term) => (await searchOrama(database, { term, limit: TEN, threshold: 1 })).hits.map(({ id }) => id),
  };
}

function flexsearch(): Peer {
  const index = new FlexSearch.Index({ tokenize: 'strict', encode: split, context: false });
  return {
    add: (id, text) => void index.add(id, text),
    ready: () => undefined,
    // Without `suggest` every word would have to be there.
    search: (text) => index.search(text, { limit: TEN, suggest: true }).map(String),
    remove: (id) => void index.remove(id),
  };
}

function fts5(): Peer {
  const database = new Database(':memory:');
  database.exec(`CREATE VIRTUAL TABLE entries USING fts5(text, content='', tokenize="unicode61 remove_diacritics 0 tokenchars '_'")`);
  const insertRow = database.prepare<[number, string]>('INSERT INTO entries (rowid, text) VALUES (?, ?)');
  const select = database.prepare<[string], { rowid: number }>(`SELECT rowid FROM entries WHERE entries MATCH ? ORDER BY rank LIMIT ${TEN}`);
  database.exec('BEGIN');
  return {
    add: (id, text) => void insertRow.run(id, text),
    ready: () => void database.exec('COMMIT'),
    search: (text) => select.all(split(text).map((token) => `"${token}"`).join(' OR ')).map(({ rowid }) => String(rowid)),
  };
}

export const PEERS: Readonly<Record<string, () => Peer>> = { minisearch, orama, flexsearch, fts5 };
