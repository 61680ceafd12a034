import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { KnowledgeEntry } from '../../src/domain/knowledge.ts';
import type { EditingContext, Editor } from '../../src/knowledge/index.ts';
import type { Store } from '../../src/store/contract.ts';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { aKnowledgeEntry, aSeat } from '../factories/index.ts';
import { temporaryFolder, testVault } from '../store/support.ts';

/** 2026-11-22 10:00 in Beijing. */
export const START = Date.parse('2026-11-22T02:00:00Z');

const department = (id: string, name: string) => ({ id, name, short: name.slice(1, 3), duties: '示例' });

/** A city of two departments, one town and one item. */
export const CITY: EditingContext['city'] = {
  departments: [department('ecology', '市生态环境局'), department('police', '市公安局')],
  towns: [{ id: 'dongcheng', code: '441900003', name: '东城街道', short: '东城', kind: '街道' }],
  items: [{ code: 'env.noise', name: '噪声扰民', field: '环境保护', kinds: ['投诉'], department: 'ecology', deadlineClass: 'general', keywords: ['噪声'], examples: ['太吵了', '半夜施工'] }],
};

export interface Desk extends EditingContext {
  readonly store: Store;
  /** How often a publication was announced. */
  announced(): number;
  setNow(at: number): void;
  /** Author, a second author, reviewer. */
  readonly li: Editor;
  readonly wang: Editor;
  readonly chen: Editor;
  /** Puts entries as the files would. */
  sync(...entries: KnowledgeEntry[]): Promise<void>;
  row(id: string): ReturnType<Parameters<Parameters<Store['read']>[0]>[0]['knowledge']['row']>;
  trail(): Promise<readonly string[]>;
}

/** A fresh desk per test, and more of them where one test needs many. */
export function useDesk(): (() => Desk) & { fresh(): Promise<Desk> } {
  let folder: ReturnType<typeof temporaryFolder>;
  let desk: Desk;
  let stores = 0;
  const opened: Store[] = [];
  beforeAll(() => {
    folder = temporaryFolder();
  });
  const fresh = async (): Promise<Desk> => {
    stores += 1;
    const store = openSqliteStore({ file: join(folder.path, `${stores}.sqlite3`), vault: testVault(), synchronous: 'NORMAL' });
    opened.push(store);
    return openDesk(store);
  };
  beforeEach(async () => {
    desk = await fresh();
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
    folder.remove();
  });
  return Object.assign(() => desk, { fresh });
}

export async function openDesk(store: Store): Promise<Desk> {
  let [announced, ids, at] = [0, 0, START];
  const editor = (name: string): Editor => ({ id: `seat-${name}`, username: name, role: 'editor' });
  const [li, wang, chen] = [editor('li'), editor('wang'), editor('chen')];
  await store.write(async (repos) => {
    for (const { id, username, role } of [li, wang, chen]) await repos.seats.create(aSeat({ id, username, role }), 'hash');
  });
  return {
    store, city: CITY, li, wang, chen,
    now: () => at,
    newId: () => `id-${String((ids += 1)).padStart(4, '0')}`,
    announce: () => (announced += 1),
    announced: () => announced,
    setNow: (wanted) => (at = wanted),
    sync: async (...entries) => void (await store.write((repos) => repos.knowledge.sync(entries, at))),
    row: (id) => store.read((repos) => repos.knowledge.row(id)),
    trail: async () => (await store.read((repos) => repos.trail.latest(100))).toReversed().map(({ actor, action, subject, purpose }) => `${actor} ${action} ${subject} ${purpose ?? '-'}`),
  };
}

/** An entry that may be published in CITY. */
export const anEntry = (overrides: Partial<KnowledgeEntry> = {}): KnowledgeEntry => aKnowledgeEntry({ id: 'noise.night', ...overrides });
