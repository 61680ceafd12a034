import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beijingDay } from '../../src/domain/clock.ts';
import { buildKnowledge } from '../../src/intake/knowledge.ts';
import { createMatcher } from '../../src/matcher/index.ts';
import { aKnowledgeEntry } from '../factories/knowledge.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

interface Hit {
  readonly id: string;
  readonly question: string;
  readonly ranges: readonly (readonly [number, number])[];
  readonly foundIn: string | null;
  readonly stale: string | null;
  readonly state: string;
  readonly pinned: boolean;
  readonly department: string | null;
  readonly answer: string;
}
interface Answer {
  readonly hits: readonly Hit[];
  readonly total: number;
  readonly relaxed: boolean;
  readonly cursor: string | null;
  readonly facets: { readonly modules: readonly { id: string; count: number }[]; readonly departments: readonly { id: string; name: string | null; count: number }[] };
}

const ENTRIES = [
  aKnowledgeEntry({ id: 'permit.apply', module: 'guides', question: '居住证怎么办理', wordings: ['暂住证在哪里办'], answer: '在居住地的派出所提交申请，带身份证和照片。', department: 'police' }),
  aKnowledgeEntry({ id: 'permit.desk', module: 'desk', question: '居住证投诉怎么转', wordings: [], answer: '转公安部门，注明办理地点。', department: 'police', audience: 'desk' }),
  aKnowledgeEntry({ id: 'permit.old', module: 'faq', question: '居住证收费标准', wordings: [], expiresOn: '2020-01-01', department: 'police' }),
  aKnowledgeEntry({ id: 'water.outage', module: 'faq', question: '停水了怎么办', wordings: ['家里没水了'], answer: '先看总阀和水表，再看停水公告。', department: 'water' }),
];

describe("the seats' search", () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let seat: SignedIn;

  beforeEach(async () => {
    intake = await openIntake();
    await intake.store.write((repos) => repos.knowledge.sync(ENTRIES, intake.clock.now()));
    const snapshot = buildKnowledge(ENTRIES, intake.context.city, beijingDay(intake.clock.now()), (entries) => createMatcher(entries));
    app = await openApp({ ...intake, context: { ...intake.context, knowledge: snapshot } });
    seat = await signIn(app, intake);
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });
  const ask = async (query: string): Promise<Answer> => {
    const response = await seat.call('GET', `/api/knowledge${query}`);
    expect(response.statusCode).toBe(200);
    return response.json<Answer>();
  };
  const ids = (answer: { readonly hits: readonly Hit[] }): string[] => answer.hits.map(({ id }) => id);

  it('finds by initials, with marks, counts and the names of departments', async () => {
    const answer = await ask('?q=jzz');
    expect(ids(answer).toSorted()).toEqual(['permit.apply', 'permit.desk', 'permit.old']);
    expect(answer.hits[0]?.ranges).toEqual([[0, 3]]);
    expect(answer.facets.modules.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([{ id: 'desk', count: 1 }, { id: 'faq', count: 1 }, { id: 'guides', count: 1 }]);
    expect(answer.facets.departments).toEqual([{ id: 'police', name: intake.context.city.departments.find(({ id }) => id === 'police')?.name ?? null, count: 3 }]);
    expect(answer).toMatchObject({ total: 3, relaxed: false, cursor: null });
  });

  it('says of each entry whether it still holds', async () => {
    const { hits } = await ask(`?q=${encodeURIComponent('居住证收费')}`);
    expect(hits[0]).toMatchObject({ id: 'permit.old', state: 'expired', stale: '已于 2020-01-01 失效' });
    expect(ids(await ask('?q=jzz&state=expired'))).toEqual(['permit.old']);
  });

  it('filters and goes on to the next page', async () => {
    expect(ids(await ask('?q=jzz&module=desk'))).toEqual(['permit.desk']);
    expect(ids(await ask('?department=water'))).toEqual(['water.outage']);
    const first = await ask('?limit=3');
    expect(first).toMatchObject({ total: 4, cursor: '3' });
    const second = await ask(`?limit=3&cursor=${first.cursor ?? ''}`);
    expect([...ids(first), ...ids(second)].toSorted()).toEqual(ENTRIES.map(({ id }) => id).toSorted());
    expect(second.cursor).toBeNull();
    expect((await seat.call('GET', '/api/knowledge?cursor=9999')).statusCode).toBe(400);
  });

  it("shows the seat's own pinned and recent entries when nothing is typed", async () => {
    await intake.store.write(async (repos) => {
      await repos.knowledgeMemos.pin(seat.seatId, 'water.outage', intake.clock.now());
      await repos.knowledgeMemos.opened(seat.seatId, 'permit.old', intake.clock.now());
      await repos.knowledgeMemos.pin('somebody-else', 'permit.desk', intake.clock.now());
    });
    const { hits } = await ask('');
    expect(hits.slice(0, 2).map(({ id, pinned }) => [id, pinned])).toEqual([['water.outage', true], ['permit.old', false]]);
  });

  it('adds what the matcher understands of a sentence, and leaves letters alone', async () => {
    const sentence = await ask(`?q=${encodeURIComponent('我家里突然没水了，要怎么办？')}`);
    expect(sentence.hits.find(({ id }) => id === 'water.outage')).toBeDefined();
    expect((await ask('?q=tingshui')).hits.every(({ foundIn }) => foundIn !== 'meaning')).toBe(true);
    const similar = (await seat.call('GET', `/api/knowledge/similar?text=${encodeURIComponent('家里没水')}`)).json<{ hits: readonly Hit[] }>();
    expect(similar.hits[0]).toMatchObject({ id: 'water.outage', foundIn: 'meaning' });
  });

  it('follows what is published and taken back', async () => {
    expect((await ask('?q=ludeng')).total).toBe(0);
    await intake.store.write(async (repos) => {
      await repos.knowledge.publish({ entry: aKnowledgeEntry({ id: 'city.lamp', question: '路灯不亮找谁修', department: 'water' }), revision: 1, origin: 'desk', now: intake.clock.now() });
      await repos.knowledge.retire('permit.desk', intake.clock.now());
    });
    expect(ids(await ask('?q=ludeng'))).toEqual(['city.lamp']);
    expect(ids(await ask('?q=jzz')).toSorted()).toEqual(['permit.apply', 'permit.old']);
  });
});
