import { describe, expect, it } from 'vitest';
import type { ActivityContent } from '../../src/domain/activity.ts';
import { collect, stretchesOf, type Stretch } from '../../src/quality/collect.ts';
import { anActivity, anActivityDraft, aNewConversation } from '../factories/index.ts';
import { openIntake } from '../support/intake.ts';

const status = (state: string): ActivityContent => ({ type: 'event', name: 'handoff.status', value: { state } });
const END: ActivityContent = { type: 'endOfConversation', code: 'completedSuccessfully' };

describe('stretches of a conversation', () => {
  it('go from the asking to the end, newest first; what has no end is open', () => {
    const contents: ActivityContent[] = [status('waiting'), status('accepted'), { type: 'message', text: '您好' }, status('completed'), status('accepted'), END, status('waiting'), status('accepted'), { type: 'message', text: '在' }];
    const found = stretchesOf(contents.map((content, index) => anActivity({ seq: index + 1, at: index * 1_000, content, direction: content === END ? 'in' : 'out' })));
    expect(found).toEqual([
      { from: 6_000, to: 8_000, acceptedAt: 7_000, outcome: 'open' },
      { from: 4_000, to: 5_000, acceptedAt: 4_000, outcome: 'served' },
      { from: 0, to: 3_000, acceptedAt: 1_000, outcome: 'served' },
    ]);
    expect(stretchesOf([])).toEqual([]);
  });
});

describe('what is collected of a service', () => {
  const NOW = 1_760_000_000_000;
  /** A conversation with these lines, at these seconds, and what is collected of a stretch of it. */
  const collected = async (lines: readonly (readonly [number, 'citizen' | 'seat', ActivityContent])[], stretch: Omit<Stretch, 'from' | 'to'> & { readonly from: number; readonly to: number }) => {
    const intake = await openIntake();
    try {
      const id = await intake.store.write(async (repos) => {
        const citizenId = await repos.citizens.resolve({ id: 'citizen', channel: 'push', externalUserId: null, phone: '13800138000', displayName: null, now: NOW });
        const made = await repos.conversations.create(aNewConversation({ id: 'conversation', citizenId, channel: 'push', now: NOW }));
        await repos.activities.append(made.id, lines.map(([second, role, content], index) => anActivityDraft({ id: `a${index}`, at: NOW + second * 1_000, role, direction: role === 'citizen' ? 'in' : 'out', seatId: role === 'seat' ? 'seat-1' : null, content })));
        return made.id;
      });
      return await intake.store.read(async (repos) => {
        const conversation = await repos.conversations.get(id);
        return conversation === null ? null : collect(repos, conversation, { ...stretch, from: NOW + stretch.from * 1_000, to: NOW + stretch.to * 1_000 }, 60_000);
      });
    } finally {
      await intake.close();
    }
  };
  const say = (text: string): ActivityContent => ({ type: 'message', text });

  it('is what lies between its two times, however long the conversation is', async () => {
    const before = Array.from({ length: 450 }, (_, index) => [index, 'citizen' as const, say(`第${index}句`)] as const);
    const found = await collected([...before, [1_000, 'seat', say('您好')], [1_010, 'citizen', say('你好')], [1_020, 'seat', say('再见')], [5_000, 'citizen', say('又来了')]], { from: 990, to: 1_030, acceptedAt: null, outcome: 'served' });
    expect(found?.transcript.said.map(({ text }) => text)).toEqual(['您好', '你好', '再见']);
    expect([found?.fromSeq, found?.toSeq, found?.transcript.knowsPhone]).toEqual([451, 453, true]);
    expect(found?.transcript.happened.map(({ kind }) => kind)).toEqual(['asked', 'ended']);
  });

  it('knows whether the seat ended it or the citizen went', async () => {
    const kinds = async (lines: Parameters<typeof collected>[0], to: number, outcome: Stretch['outcome'] = 'served') => (await collected(lines, { from: 0, to, acceptedAt: NOW, outcome }))?.transcript.happened.map(({ kind }) => kind).filter((kind) => kind === 'ended' || kind === 'left');
    const talk = [[1, 'seat', say('您好')], [5, 'citizen', say('你好')], [9, 'seat', say('请讲')]] as const;
    expect([await kinds(talk, 20), await kinds(talk, 900), await kinds([...talk, [12, 'citizen', END]], 20), await kinds(talk, 20, 'handed-back')]).toEqual([['ended'], ['left'], ['left'], []]);
  });

  it('is nothing where nothing was said', async () => {
    expect(await collected([], { from: 0, to: 10, acceptedAt: null, outcome: 'served' })).toBeNull();
  });
});
