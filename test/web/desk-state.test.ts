import { describe, expect, it } from 'vitest';
import { readFrame } from '../../src/web/desk/api/guards.ts';
import { EMPTY_DESK, missingAfter, reduceDesk, rowsOf, type DeskEvent, type DeskState } from '../../src/web/desk/state/model.ts';
import { draftFrom } from '../../src/web/desk/views/ticket-form.tsx';
import { aConversation, anActivity, aTicket, NOW } from './support/desk-factories.ts';

const after = (...events: readonly DeskEvent[]): DeskState => events.reduce(reduceDesk, EMPTY_DESK);
const heard = (conversation = aConversation()): DeskEvent => ({ type: 'conversation', conversation });
const opened = (activities = [anActivity()], conversation = aConversation()): DeskEvent => ({ type: 'detail', detail: { conversation, activities, tickets: [], receipts: [] } });
const frames = (...list: Extract<DeskEvent, { type: 'frames' }>['frames']): DeskEvent => ({ type: 'frames', frames: list, now: NOW, seatId: 'seat-1' });
const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map((row) => row.id);

describe('the queue', () => {
  it('puts emergencies first, then who waits longest', () => {
    const emergency = { category: 'fire', words: ['着火'], at: NOW };
    const state = after(
      heard(aConversation({ id: 'late', waitingSince: NOW - 10 })),
      heard(aConversation({ id: 'early', waitingSince: NOW - 900_000 })),
      heard(aConversation({ id: 'fire', waitingSince: NOW, emergency })),
      heard(aConversation({ id: 'older-fire', waitingSince: NOW - 5, emergency })),
    );
    expect(ids(rowsOf(state, 'waiting', 'seat-1'))).toEqual(['older-fire', 'fire', 'early', 'late']);
  });

  it('shows each conversation in exactly one list', () => {
    const state = after(
      heard(aConversation({ id: 'w' })),
      heard(aConversation({ id: 'm', owner: 'human', seatId: 'seat-1' })),
      heard(aConversation({ id: 'o', owner: 'human', seatId: 'seat-2' })),
      heard(aConversation({ id: 'b', owner: 'bot' })),
      heard(aConversation({ id: 'c', owner: 'closed' })),
    );
    expect((['waiting', 'mine', 'others', 'bot', 'closed'] as const).map((view) => ids(rowsOf(state, view, 'seat-1')))).toEqual([['w'], ['m'], ['o'], ['b'], ['c']]);
  });

  it('does not let an older version overwrite a newer one', () => {
    const state = after(heard(aConversation({ version: 5, owner: 'human', seatId: 'seat-1' })), frames({ type: 'conversation', conversation: aConversation({ version: 4 }) }));
    expect(rowsOf(state, 'waiting', 'seat-1')).toEqual([]);
  });

  it('moves the counts with the owner', () => {
    const state = after({ type: 'synced', conversations: [aConversation()], counts: { bot: 7, waiting: 1, human: 0, closed: 3 }, since: 0, keep: null }, heard(aConversation({ owner: 'human', seatId: 'seat-1', version: 2 })));
    expect(state.counts).toEqual({ bot: 7, waiting: 0, human: 1, closed: 3 });
  });

  it('forgets on a resync what is in no list any more, except what is open and what was heard of since', () => {
    const before = after(heard(aConversation({ id: 'gone' })), heard(aConversation({ id: 'open' })));
    const since = before.clock;
    const during = reduceDesk(before, heard(aConversation({ id: 'new', version: 1 })));
    const state = reduceDesk(during, { type: 'synced', conversations: [], counts: EMPTY_DESK.counts, since, keep: 'open' });
    expect([...state.conversations.keys()].sort()).toEqual(['new', 'open']);
  });

  it('stays small however many conversations the bot has, without dropping waiting or dangerous ones', () => {
    const many = Array.from({ length: 1500 }, (_none, at) => heard(aConversation({ id: `b${at}`, owner: 'bot', lastActivityAt: at })));
    const state = after(heard(aConversation({ id: 'w' })), heard(aConversation({ id: 'f', owner: 'bot', lastActivityAt: 0, emergency: { category: 'gas', words: [], at: 0 } })), ...many);
    expect(state.conversations.size).toBeLessThan(500);
    expect(state.touched.size).toBe(state.conversations.size);
    expect(state.conversations.has('w') && state.conversations.has('f') && state.conversations.has('b1499')).toBe(true);
  });
});

describe('a transcript', () => {
  it('keeps order and drops repeats, whichever way they come', () => {
    const state = after(opened([anActivity({ seq: 2 })]), frames({ type: 'activity', conversationId: 'c1', activity: anActivity({ seq: 3 }) }, { type: 'activity', conversationId: 'c1', activity: anActivity({ seq: 2 }) }), {
      type: 'more',
      conversationId: 'c1',
      activities: [anActivity({ seq: 1 })],
    });
    expect(state.transcripts.get('c1')?.activities.map((activity) => activity.seq)).toEqual([1, 2, 3]);
  });

  it('knows where it has a gap', () => {
    expect(missingAfter(undefined)).toBeNull();
    expect(missingAfter(after(opened([anActivity({ seq: 4 }), anActivity({ seq: 5 })])).transcripts.get('c1'))).toBeNull();
    expect(missingAfter(after(opened([anActivity({ seq: 4 })]), frames({ type: 'activity', conversationId: 'c1', activity: anActivity({ seq: 7 }) })).transcripts.get('c1'))).toBe(4);
  });

  it('ignores the words of conversations that were never opened', () => {
    expect(after(frames({ type: 'activity', conversationId: 'other', activity: anActivity() })).transcripts.size).toBe(0);
  });

  it('takes a reply off its way when its news comes before its answer, and only once', () => {
    const pending = { clientId: 'k1', text: '您好', at: NOW, error: null };
    const news = anActivity({ id: 'r1', seq: 2, role: 'seat', seatId: 'seat-1', direction: 'out', content: { type: 'message', text: '您好' } });
    const early = after(opened(), { type: 'replying', conversationId: 'c1', pending }, frames({ type: 'activity', conversationId: 'c1', activity: news }));
    expect(early.transcripts.get('c1')).toMatchObject({ pending: [], activities: [{ id: 'a1' }, { id: 'r1' }] });
    const answered = reduceDesk(early, { type: 'replied', conversationId: 'c1', clientId: 'k1', activity: news });
    expect(answered.transcripts.get('c1')?.activities).toHaveLength(2);
  });

  it('leaves a colleague’s same words alone', () => {
    const pending = { clientId: 'k1', text: '您好', at: NOW, error: null };
    const news = anActivity({ id: 'r1', seq: 2, role: 'seat', seatId: 'seat-2', direction: 'out', content: { type: 'message', text: '您好' } });
    expect(after(opened(), { type: 'replying', conversationId: 'c1', pending }, frames({ type: 'activity', conversationId: 'c1', activity: news })).transcripts.get('c1')?.pending).toHaveLength(1);
  });

  it('shows typing for a while and the newest receipt', () => {
    const typing = after(opened(), frames({ type: 'typing', conversationId: 'c1', role: 'citizen' }));
    expect(typing.transcripts.get('c1')?.typingUntil).toBeGreaterThan(NOW);
    const spoke = reduceDesk(typing, frames({ type: 'activity', conversationId: 'c1', activity: anActivity({ seq: 9 }) }));
    expect(spoke.transcripts.get('c1')?.typingUntil).toBe(0);
    const receipt = (status: 'retrying' | 'delivered', at: number) => ({ type: 'receipt', conversationId: 'c1', receipt: { activityId: 'a1', status, code: null, at } }) as const;
    expect(after(opened(), frames(receipt('delivered', 20), receipt('retrying', 10))).transcripts.get('c1')?.receipts.get('a1')?.status).toBe('delivered');
  });

  it('takes in a ticket of its citizen, and its newer versions only', () => {
    const state = after(opened(), frames({ type: 'ticket', ticket: aTicket({ conversationId: null, version: 2 }) }), { type: 'ticket', ticket: aTicket({ version: 1, state: '受理' }) });
    expect(state.transcripts.get('c1')?.tickets).toMatchObject([{ version: 2, state: '待派' }]);
    expect(after(opened(), frames({ type: 'ticket', ticket: aTicket({ citizenId: 'x', conversationId: 'y' }) })).transcripts.get('c1')?.tickets).toEqual([]);
  });
});

describe('frames', () => {
  it('are read, and what is unknown or malformed is nothing', () => {
    expect(readFrame(JSON.stringify({ type: 'conversation', conversation: aConversation() }))?.type).toBe('conversation');
    for (const bad of ['', '{', '{}', '{"type":"later"}', JSON.stringify({ type: 'conversation', conversation: { id: 'x' } }), JSON.stringify({ type: 'activity', conversationId: 'c1', activity: { ...anActivity(), content: { type: 'message' } } })]) expect(readFrame(bad)).toBeNull();
  });
});

describe('a ticket from a conversation', () => {
  const towns = [{ id: 'dongcheng', name: '东城街道' }];
  const understood = (slots: Record<string, string>) => ({ flow: 'report', slots: Object.entries(slots).map(([name, value]) => ({ name, label: name, value })), items: [{ code: 'env.noise', name: '噪声', score: 0.9, matched: [] }] });

  it('begins with what the bot understood', () => {
    expect(draftFrom(aConversation({ understood: understood({ kind: '投诉', content: '半夜打桩', town: '东城', place: '示范路', happened: '昨晚' }) }), towns, 'form-0001')).toMatchObject({ kind: '投诉', itemCode: 'env.noise', title: '半夜打桩', content: '半夜打桩', townId: 'dongcheng', place: '示范路', happened: '昨晚', phone: null, urgency: 'normal' });
  });

  it('never copies masked values, keeps reports confidential and emergencies urgent', () => {
    const draft = draftFrom(aConversation({ emergency: { category: 'gas', words: [], at: 0 }, understood: understood({ kind: '举报', name: '王*', phone: '138****8000', town: '不存在' }) }), towns, 'form-0001');
    expect(draft).toMatchObject({ name: null, phone: null, confidential: true, urgency: 'emergency', townId: null, title: '噪声', content: '' });
    expect(draftFrom(aConversation(), towns, 'form-0001')).toMatchObject({ kind: '求助', itemCode: null, title: '' });
  });
});
