import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../src/domain/clock.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { KnowledgeEntry } from '../../src/domain/knowledge.ts';
import { openLiveKnowledge, type IndexMaker, type LiveKnowledge, type LiveKnowledgeOptions } from '../../src/intake/knowledge-live.ts';
import { loadKnowledge } from '../../src/intake/knowledge-disk.ts';
import { createLiveHub } from '../../src/intake/live.ts';
import { createNeighbours } from '../../src/intake/neighbours.ts';
import { createTurnWaiters } from '../../src/intake/waiters.ts';
import type { MatchEntry } from '../../src/matcher/types.ts';
import type { Store } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { createFakeClock, type FakeClock } from '../fakes/clock.ts';
import { createFakeMedium } from '../fakes/news.ts';

const city = { departments: [] };
const log = { info: () => {}, warn: () => {} };

let folder: string;
let clock: FakeClock;
let store: Store;
const open: LiveKnowledge[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-knowledge-'));
  clock = createFakeClock();
  store = await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(Buffer.alloc(32, 7)) });
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An index that can be kept: the ids and questions it holds, as JSON. Counts how often it was made from entries. */
function countingMaker(fingerprint = 'one'): IndexMaker & { readonly built: number; readonly opened: number } {
  const counts = { built: 0, opened: 0 };
  const of = (entries: Map<string, string>) => ({
    match: (question: string) => {
      const ranked = [...entries].filter(([, text]) => text.includes(question)).map(([id]) => ({ id, score: 1, matched: [] }));
      return { decision: { kind: 'abstain' } as const, ranked };
    },
    get size() {
      return entries.size;
    },
    has: (id: string) => entries.has(id),
    put: (more: readonly MatchEntry[]) => more.forEach((entry) => entries.set(entry.id, entry.question)),
    remove: (ids: readonly string[]) => ids.forEach((id) => entries.delete(id)),
    snapshot: () => Buffer.from(JSON.stringify([...entries])),
  });
  return {
    create: (entries) => {
      counts.built += 1;
      return of(new Map(entries.map((entry) => [entry.id, entry.question])));
    },
    open: (bytes) => {
      counts.opened += 1;
      return of(new Map(JSON.parse(Buffer.from(bytes).toString('utf8'))));
    },
    fingerprint,
    get built() {
      return counts.built;
    },
    get opened() {
      return counts.opened;
    },
  };
}

async function node(over: Partial<LiveKnowledgeOptions> = {}): Promise<{ readonly knowledge: LiveKnowledge; readonly tick: () => void }> {
  const ticks: (() => void)[] = [];
  const knowledge = await openLiveKnowledge({
    store, city, now: clock.now, log, index: countingMaker(), file: null,
    every: (_ms, run) => {
      ticks.push(run);
      return () => void ticks.splice(0);
    },
    ...over,
  });
  open.push(knowledge);
  return { knowledge, tick: () => ticks.forEach((run) => run()) };
}

const publish = (entry: KnowledgeEntry, revision: number): Promise<unknown> => store.write((repos) => repos.knowledge.publish({ entry, revision, origin: 'desk', now: clock.now() }));
const found = (knowledge: LiveKnowledge, words: string): readonly string[] => knowledge.matcher.match(words).ranked.map(({ id }) => id);

describe('a knowledge base that follows the store', () => {
  it('shows a published change, a new text and a taken-back entry at the next look, on every node', async () => {
    await publish(aKnowledgeEntry({ id: 'a.one', question: '旧的问法' }), 1);
    const [here, there] = [await node(), await node()];
    const changes: string[][] = [];
    there.knowledge.watch(({ put, removed }) => changes.push([...put], [...removed]));
    here.knowledge.start();
    there.knowledge.start();
    await publish(aKnowledgeEntry({ id: 'a.one', question: '新的问法' }), 2);
    await publish(aKnowledgeEntry({ id: 'a.two', question: '另一件事' }), 1);
    expect(found(there.knowledge, '新的')).toEqual([]);
    for (const one of [here, there]) {
      clock.advance(1_000);
      one.tick();
      await one.knowledge.look();
      expect(found(one.knowledge, '新的')).toEqual(['a.one']);
      expect(found(one.knowledge, '旧的')).toEqual([]);
      expect(one.knowledge.entry('a.two')?.question).toBe('另一件事');
    }
    await store.write((repos) => repos.knowledge.retire('a.two', clock.now()));
    await there.knowledge.look();
    expect([there.knowledge.entry('a.two'), there.knowledge.full('a.two'), found(there.knowledge, '另一')]).toEqual([null, null, []]);
    expect(changes).toEqual([['a.one', 'a.two'], [], [], ['a.two']]);
    expect(there.knowledge.status()).toMatchObject({ entries: 1, open: 1, seq: await store.read((repos) => repos.knowledge.changeSeq()) });
  });

  it('hears of it by news at once, and within two seconds when the news is lost', async () => {
    const medium = createFakeMedium();
    const hubs = await Promise.all(['n1', 'n2'].map(async (name) => {
      const { knowledge, tick } = await node();
      knowledge.start();
      const news = medium.node(name);
      const neighbours = createNeighbours({ live: createLiveHub((error) => { throw error; }), waiters: createTurnWaiters(), news, store, wake: () => {}, onKnowledge: () => void knowledge.look(), log });
      neighbours.listen();
      return { knowledge, tick, neighbours };
    }));
    const [here, there] = hubs;
    if (here === undefined || there === undefined) throw new Error('two nodes');
    await publish(aKnowledgeEntry({ id: 'a.one', question: '第一件事' }), 1);
    here.neighbours.live.publishDesk({ kind: 'knowledge' });
    await clock.settle();
    await Promise.all([here.knowledge.look(), there.knowledge.look()]);
    expect([found(here.knowledge, '第一'), found(there.knowledge, '第一')]).toEqual([['a.one'], ['a.one']]);
    expect(medium.said.join('')).toContain('knowledge');

    medium.deaf = true;
    await publish(aKnowledgeEntry({ id: 'a.two', question: '第二件事' }), 1);
    here.neighbours.live.publishDesk({ kind: 'knowledge' });
    await clock.settle();
    expect(found(there.knowledge, '第二')).toEqual([]);
    clock.advance(1_000);
    there.tick();
    await there.knowledge.look();
    expect(found(there.knowledge, '第二')).toEqual(['a.two']);
    hubs.forEach(({ neighbours }) => neighbours.leave());
  });

  it('reads many changes in pieces, and waits for what was committed before it was asked', async () => {
    const { knowledge } = await node();
    await store.write(async (repos) => {
      for (let n = 0; n < 450; n += 1) await repos.knowledge.publish({ entry: aKnowledgeEntry({ id: `many.n${n}`, question: `第${n}件事` }), revision: 1, origin: 'desk', now: clock.now() });
    });
    const first = knowledge.look();
    await publish(aKnowledgeEntry({ id: 'last.one', question: '最后一件' }), 1);
    await Promise.all([first, knowledge.look()]);
    expect(knowledge.status().entries).toBe(451);
    expect(found(knowledge, '最后')).toEqual(['last.one']);
  });

  it('begins and ends entries at midnight in Beijing, for questions and for the desk', async () => {
    clock.set(Date.parse('2026-11-23T23:59:59.500+08:00'));
    await publish(aKnowledgeEntry({ id: 'a.new', question: '新规定', effectiveFrom: '2026-11-24' }), 1);
    await publish(aKnowledgeEntry({ id: 'a.old', question: '旧规定', expiresOn: '2026-11-23' }), 1);
    await publish(aKnowledgeEntry({ id: 'a.desk', question: '座席规定', audience: 'desk', effectiveFrom: '2026-11-24' }), 1);
    const { knowledge } = await node();
    const seen = (): unknown => [found(knowledge, '规定'), knowledge.deskMatcher.match('规定').ranked.map(({ id }) => id).toSorted(), knowledge.entry('a.new')?.id ?? null, knowledge.entry('a.old')?.id ?? null, knowledge.entry('a.desk')];
    expect(seen()).toEqual([['a.old'], ['a.old'], null, 'a.old', null]);
    clock.advance(500);
    expect(seen()).toEqual([['a.new'], ['a.desk', 'a.new'], 'a.new', null, null]);
    clock.advance(-1_000);
    expect(found(knowledge, '规定')).toEqual(['a.old']);
  });

  it('answers with what it has while the store is away, and goes on afterwards', async () => {
    await publish(aKnowledgeEntry({ id: 'a.one', question: '第一件事' }), 1);
    let away = false;
    const warned: string[] = [];
    const { knowledge } = await node({
      store: { read: async (fn) => (away ? Promise.reject(new AppError('store.away', 'gone', { retry: 'after' })) : store.read(fn)) },
      log: { info: () => {}, warn: (_facts, text) => warned.push(text) },
    });
    away = true;
    await publish(aKnowledgeEntry({ id: 'a.two', question: '第二件事' }), 1);
    await knowledge.look();
    await knowledge.look();
    expect([found(knowledge, '件事'), warned.length]).toEqual([['a.one'], 1]);
    away = false;
    await knowledge.look();
    expect(found(knowledge, '件事')).toEqual(['a.one', 'a.two']);
  });
});

describe('the index on the disk of a node', () => {
  /** More than are worth saving. */
  const MANY = 2_100;
  const fill = (): Promise<unknown> =>
    store.write((repos) => repos.knowledge.sync(Array.from({ length: MANY }, (_none, n) => aKnowledgeEntry({ id: `many.n${n}`, question: `第${n}件事` })), clock.now()));

  async function saved(path: string): Promise<void> {
    const { knowledge, tick } = await node({ file: { path, base: 'db-1' } });
    knowledge.start();
    tick();
    expect(await loadKnowledge(path, 'one db-1', JSON.parse)).toBeNull();
    clock.advance(30_000);
    await knowledge.look();
    tick();
    await knowledge.stop();
  }

  it('is written once changes settle, and read by the next start without building', async () => {
    await fill();
    const path = join(folder, 'knowledge.idx');
    await saved(path);
    await publish(aKnowledgeEntry({ id: 'a.late', question: '后来的事' }), 1);
    await store.write((repos) => repos.knowledge.retire('many.n7', clock.now()));
    clock.advance(DAY);
    const index = countingMaker();
    const { knowledge } = await node({ file: { path, base: 'db-1' }, index });
    expect([index.built, index.opened, knowledge.status().origin]).toEqual([0, 1, 'disk']);
    expect(found(knowledge, '后来')).toEqual(['a.late']);
    expect(found(knowledge, '第8件')).toEqual(['many.n8']);
    expect(found(knowledge, '第7件')).toEqual([]);
    expect(knowledge.full('many.n8')).toEqual(await store.read((repos) => repos.knowledge.get('many.n8')));
    expect([...knowledge.entries()].length).toBe(MANY);
  });

  it('is left alone when it is of another lexicon or database, ahead of the store, cut off or altered', async () => {
    await fill();
    const path = join(folder, 'knowledge.idx');
    await saved(path);
    const whole = readFileSync(path);
    const start = async (over: { readonly base?: string; readonly fingerprint?: string } = {}): Promise<string> => (await node({ file: { path, base: over.base ?? 'db-1' }, index: countingMaker(over.fingerprint) })).knowledge.status().origin;
    expect(await start()).toBe('disk');
    expect(await start({ base: 'db-2' })).toBe('built');
    expect(await start({ fingerprint: 'two' })).toBe('built');
    for (const cut of [0, 5, 100, whole.length >> 1, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, cut));
      expect(await start(), `${cut} bytes`).toBe('built');
    }
    for (const at of [3, 200, whole.length >> 1, whole.length - 2]) {
      const altered = Buffer.from(whole);
      altered.writeUInt8((altered.readUInt8(at) + 1) % 256, at);
      writeFileSync(path, altered);
      expect(await start(), `byte ${at}`).toBe('built');
    }
    // A database that was set back to an older copy.
    writeFileSync(path, whole);
    const behind = mkdtempSync(join(tmpdir(), 'yihu-behind-'));
    const older = await createStore({ dataDir: behind, synchronous: 'NORMAL', vault: createVault(Buffer.alloc(32, 7)) });
    const { knowledge } = await node({ store: older, file: { path, base: 'db-1' } });
    expect([knowledge.status().origin, knowledge.status().entries]).toEqual(['built', 0]);
    await older.close();
    rmSync(behind, { recursive: true, force: true });
  });
});
