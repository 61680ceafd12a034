import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import type { Effect } from '../../src/knowledge/effect.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { openApp, signIn } from '../support/desk.ts';
import { openIntake, aMessage, type IntakeUnderTest } from '../support/intake.ts';

let intake: IntakeUnderTest;
let app: FastifyInstance;
let busy = false;
const measured: string[] = [];
const EFFECT: Effect = {
  questions: { answerable: 1, unanswerable: 1, skipped: 0 },
  before: { recallAt1: 0, wrongAnswers: 0, answered: 0, refused: 1 },
  after: { recallAt1: 1, wrongAnswers: 0, answered: 1, refused: 1 },
  changed: [{ q: '祖坟迁移补贴', entry: 'graves.move', before: { top: null, decision: 'abstain', told: null }, after: { top: 'graves.move', decision: 'answer', told: 'graves.move' }, verdict: 'better' }],
};

beforeEach(async () => {
  busy = false;
  intake = await openIntake();
  app = await openApp(intake, {
    desk: {
      previewEffect: async ({ entryId }) => {
        if (busy) throw new AppError('knowledge.effect_busy', 'busy', { status: 409 });
        measured.push(entryId);
        return EFFECT;
      },
    },
  });
});
afterEach(async () => {
  await app.close();
  await intake.close();
});

describe('gaps by REST', () => {
  it('from a citizen\'s question to a draft, and to a wording of an entry', async () => {
    await intake.store.write((repos) => repos.knowledge.sync([aKnowledgeEntry({ id: 'near.one', question: '迁坟找谁' })], intake.clock.now()));
    intake.script = (event) => (event.type === 'message' ? [{ kind: 'gap', why: 'low', question: `${event.text}，我电话13800138000`, bestId: 'near.one', bestScore: 0.3 }, { kind: 'say', text: '没有准确的答案', inputHint: 'acceptingInput' }] : []);
    await intake.startBus();
    const { receive } = await import('../../src/intake/receive.ts');
    await receive(intake.context, aMessage('祖坟迁移有什么补贴'));
    await receive(intake.context, aMessage('请问祖坟迁移的补贴'));
    await intake.settle();
    const editor = await signIn(app, intake, 'editor');
    expect((await editor.call('GET', '/api/knowledge/gaps')).json()).toEqual({ gaps: [] });
    expect((await editor.call('POST', '/api/knowledge/gaps/cluster')).json()).toEqual({ gaps: 2, clusters: 1 });
    const listed = (await editor.call('GET', '/api/knowledge/gaps?limit=10')).json<{ gaps: { id: string; samples: string[] }[] }>();
    expect(listed.gaps).toMatchObject([{ state: 'open', count: 2, unhelpful: 0, best: { id: 'near.one', question: '迁坟找谁', score: 0.3 } }]);
    expect(JSON.stringify(listed)).not.toContain('13800138000');
    const url = `/api/knowledge/gaps/${listed.gaps[0]?.id ?? ''}`;
    expect((await editor.call('GET', url)).json()).toMatchObject({ gap: { count: 2 }, questions: [{ kind: 'low', bestId: 'near.one' }, { kind: 'low' }] });
    const drafted = (await editor.call('POST', `${url}/draft`)).json<{ revision: { id: string; entryId: string } }>();
    expect(drafted).toMatchObject({ gap: { state: 'drafted' }, revision: { state: 'draft', author: editor.seatId, entry: { related: ['near.one'] } } });
    expect((await editor.call('POST', `${url}/draft`)).json()).toMatchObject({ revision: { id: drafted.revision.id } });
    expect((await editor.call('POST', `${url}/wording`, { entryId: 'near.one', wording: '祖坟迁移有什么补贴' })).json()).toMatchObject({ gap: { state: 'added', entryId: 'near.one' }, revision: { entryId: 'near.one', state: 'draft' } });
    expect((await editor.call('GET', '/api/knowledge/gaps')).json()).toEqual({ gaps: [] });
    expect((await editor.call('GET', '/api/knowledge/gaps?state=added')).json()).toMatchObject({ gaps: [{ entryId: 'near.one' }] });
    expect((await editor.call('POST', `${url}/dismiss`)).json()).toMatchObject({ gap: { state: 'dismissed', closedBy: editor.seatId } });
  });

  it('tells what publishing a revision would do, and that another is being measured', async () => {
    const editor = await signIn(app, intake, 'editor');
    const revision = await intake.store.write((repos) => repos.revisions.create({ id: 'rev-1', entryId: 'graves.move', entry: aKnowledgeEntry({ id: 'graves.move' }), wish: 'publish', basedOn: null, author: editor.seatId, note: null, now: intake.clock.now() }));
    expect((await editor.call('GET', `/api/knowledge/revisions/${revision.id}/effect`)).json()).toEqual(EFFECT);
    expect(measured).toEqual(['graves.move']);
    expect((await editor.call('GET', '/api/knowledge/revisions/none/effect')).statusCode).toBe(404);
    busy = true;
    expect((await editor.call('GET', `/api/knowledge/revisions/${revision.id}/effect`)).json()).toMatchObject({ error: { code: 'knowledge.effect_busy' } });
  });

  it('is for editors, supervisors and administrators', async () => {
    const seat = await signIn(app, intake);
    for (const [method, path] of [['GET', 'gaps'], ['GET', 'gaps/x'], ['POST', 'gaps/cluster'], ['POST', 'gaps/x/draft'], ['POST', 'gaps/x/dismiss'], ['GET', 'revisions/x/effect']] as const) expect((await seat.call(method, `/api/knowledge/${path}`)).json(), path).toMatchObject({ error: { code: 'desk.forbidden' } });
    expect((await seat.call('POST', '/api/knowledge/gaps/x/wording', { entryId: 'a.b', wording: '问法' })).json()).toMatchObject({ error: { code: 'desk.forbidden' } });
    expect((await app.inject('/api/knowledge/gaps')).statusCode).toBe(401);
    const supervisor = await signIn(app, intake, 'supervisor');
    expect((await supervisor.call('GET', '/api/knowledge/gaps/x')).json()).toMatchObject({ error: { code: 'knowledge.gap_not_found' } });
    expect((await supervisor.call('POST', '/api/knowledge/gaps/x/wording', { entryId: 'a.b', wording: '问' })).statusCode).toBe(400);
    expect((await supervisor.call('GET', '/api/knowledge/gaps?state=wrong')).statusCode).toBe(400);
  });
});
