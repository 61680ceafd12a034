import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followFiles, nameBase, openKnowledge } from '../../src/wiring/knowledge.ts';
import type { Store } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { createFakeClock } from '../fakes/clock.ts';
import { city } from '../support/intake.ts';

let folder: string;
let store: Store;
const clock = createFakeClock();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-wiring-'));
  store = await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(Buffer.alloc(32, 7)) });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the knowledge base of a node', () => {
  it('follows the files, and compares them only when they have changed', async () => {
    const entries = [aKnowledgeEntry({ id: 'a.one' }), aKnowledgeEntry({ id: 'a.two' })];
    expect(await followFiles(store, entries, clock.now)).toBe(2);
    expect(await followFiles(store, entries, clock.now)).toBe(0);
    const [first] = entries;
    expect(await followFiles(store, first === undefined ? [] : [{ ...first, voice: '换了一句话。' }], clock.now)).toBe(2);
    expect((await store.read((repos) => repos.knowledge.all())).map(({ id, voice }) => [id, voice])).toEqual([['a.one', '换了一句话。']]);
  });

  it('gives a database one name, whichever node asks first', async () => {
    const names = await Promise.all([nameBase(store, clock.now), nameBase(store, clock.now)]);
    expect(new Set([...names, await nameBase(store, clock.now)]).size).toBe(1);
  });

  it('finds, in the real index, what is published while it runs, and forgets what is taken back', async () => {
    const given = { store, city: { ...city, knowledge: city.knowledge.slice(0, 40) }, words: {}, dataDir: folder, version: 'test', now: clock.now, log: { info: () => {}, warn: () => {} } };
    const knowledge = await openKnowledge(given);
    const question = '祖坟迁移有什么补贴';
    expect(knowledge.matcher.match(question).ranked.map(({ id }) => id)).not.toContain('graves.move');
    await store.write((repos) => repos.knowledge.publish({ entry: aKnowledgeEntry({ id: 'graves.move', question: '祖坟迁移有什么补贴？', wordings: ['迁坟补贴', '祖坟迁移补贴多少'], answer: '按照征地方案逐穴补贴，到村委会登记。' }), revision: 1, origin: 'desk', now: clock.now() }));
    await knowledge.look();
    expect(knowledge.matcher.match(question).ranked[0]?.id).toBe('graves.move');
    expect(knowledge.deskMatcher.match(question).ranked[0]?.id).toBe('graves.move');
    await store.write((repos) => repos.knowledge.retire('graves.move', clock.now()));
    await knowledge.look();
    expect(knowledge.matcher.match(question).ranked.map(({ id }) => id)).not.toContain('graves.move');
    await knowledge.stop();
  });
});
