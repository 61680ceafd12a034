import { computed, signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { CannedView, NoteView } from '../../src/web/shared/desk-work-types.ts';
import { atAt, fill, searchCanned, slashAt, textFor, unfilled } from '../../src/web/desk/state/canned.ts';
import { createDrafts } from '../../src/web/desk/state/drafts.ts';
import { narrow, NO_FILTER } from '../../src/web/desk/state/filters.ts';
import { ACTIONS, actionOf, createActions, pageLetters, type Pressed } from '../../src/web/desk/state/keys.ts';
import { createMentions } from '../../src/web/desk/state/notes.ts';
import { createNotify, type NotifyPorts } from '../../src/web/desk/state/notify.ts';
import { finds, initials } from '../../src/web/desk/state/pinyin.ts';
import { createPreferences } from '../../src/web/desk/state/preferences.ts';
import { createQueueState } from '../../src/web/desk/state/queue.ts';
import { createUndo, UNDO_MS } from '../../src/web/desk/state/undo.ts';
import { linesOf } from '../../src/web/desk/views/transcript.tsx';
import { aConversation, anActivity, aTicket, NOW } from './support/desk-factories.ts';
import { createFakeClock } from './support/fake-clock.ts';
import { aCanned, aNote } from './support/fake-desk-work.ts';

const press = (given: Partial<Pressed>): Pressed => ({ key: '', code: '', altKey: false, ctrlKey: false, metaKey: false, isComposing: false, ...given });

describe('pinyin initials', () => {
  it('stand for the characters, and what is no Chinese stays', () => {
    expect(['转接会话', '结束会话', '内部备注', '12345 ABC', '安抚'].map(initials)).toEqual(['zjhh', 'jshh', 'nbbz', '12345abc', 'af']);
  });

  it('find as the words do', () => {
    expect([finds('zjhh', '转接会话'), finds('会话', '转接会话'), finds('', '转接会话'), finds('xyz', '转接会话'), finds(' ZJ ', '转接会话')]).toEqual([true, true, true, false, true]);
  });
});

describe('keys', () => {
  it('stand for one action each', () => {
    const keys = Object.values(ACTIONS).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('with Alt or Ctrl work while typing, bare ones do not, and none while an input method composes', () => {
    expect(actionOf(press({ altKey: true, code: 'KeyT', key: 't' }), true)).toBe('take');
    expect(actionOf(press({ ctrlKey: true, code: 'KeyK', key: 'k' }), true)).toBe('palette');
    expect(actionOf(press({ metaKey: true, code: 'KeyK', key: 'k' }), false)).toBe('palette');
    expect([actionOf(press({ key: '?', code: 'Slash' }), true), actionOf(press({ key: '?', code: 'Slash' }), false)]).toEqual([null, 'help']);
    expect(actionOf(press({ altKey: true, code: 'KeyT', key: 't', isComposing: true }), true)).toBeNull();
    // Ctrl+Alt is how some keyboards write a letter.
    expect(actionOf(press({ altKey: true, ctrlKey: true, code: 'KeyT', key: 't' }), false)).toBeNull();
    expect(actionOf(press({ altKey: true, code: 'NumpadEnter', key: 'Enter' }), false)).toBe('takeNext');
  });

  it('do what the view on top registered, and nothing when nobody did', () => {
    const actions = createActions();
    const done: string[] = [];
    expect(actions.run('take')).toBe(false);
    const below = actions.register('take', () => void done.push('below'));
    const above = actions.register('take', () => void done.push('above'));
    expect([actions.run('take'), actions.possible.value.has('take')]).toEqual([true, true]);
    above();
    actions.run('take');
    below();
    expect([done, actions.possible.value.has('take')]).toEqual([['above', 'below'], false]);
  });

  it('give every page a letter of its own', () => {
    const paths = ['conversations', 'canned', 'tickets', 'team', 'catalogues'];
    const letters = pageLetters(paths);
    expect([...letters]).toEqual([['conversations', 'c'], ['canned', 'a'], ['tickets', 't'], ['team', 'e'], ['catalogues', 'l']]);
    expect(pageLetters(Array.from({ length: 30 }, (_none, at) => `p${at}`)).size).toBe(26);
  });
});

describe('ready answers', () => {
  const conversation = aConversation();
  const facts = { seatName: '张坐席', conversation, tickets: [aTicket({ number: '20261122000018', conversationId: 'c1', departmentName: '市生态环境局' }), aTicket({ id: 't2', number: '20261122000099', conversationId: 'other', createdAt: NOW })] };

  it('are filled from the conversation; what is not known stays and is named', () => {
    const text = fill('{{坐席}}：工单 {{ 工单号 }}，{{部门}}，{{没有的}}，{{没有的}}', facts);
    expect(text).toBe('张坐席：工单 20261122000018，市生态环境局，{{没有的}}，{{没有的}}');
    expect(unfilled(text)).toEqual(['没有的']);
    expect(unfilled('没有变量的话 { 单 }')).toEqual([]);
    expect(fill('{{工单号}}', { ...facts, tickets: [] })).toBe('{{工单号}}');
  });

  it('come in the citizen’s language where there is one', () => {
    const both = aCanned({ texts: { 'zh-CN': '您好', en: 'Hello' } });
    expect([textFor(both, 'en'), textFor(both, undefined), textFor(aCanned({ texts: { 'zh-CN': '您好' } }), 'en')]).toEqual(['Hello', '您好', '您好']);
  });

  it('are found by shortcut, then title or its initials, then words', () => {
    const answers: CannedView[] = [aCanned({ id: 'text', title: '别的', shortcut: null, texts: { 'zh-CN': 'wh 在文中' } }), aCanned({ id: 'title', title: '问号', shortcut: null, texts: { 'zh-CN': '' } }), aCanned({ id: 'starts', title: '别的', shortcut: 'whx' }), aCanned({ id: 'exact', title: '别的', shortcut: 'wh' })];
    expect(searchCanned(answers, 'wh', 9).map(({ id }) => id)).toEqual(['exact', 'starts', 'title', 'text']);
    expect(searchCanned(answers, '', 2)).toHaveLength(2);
    expect(searchCanned(answers, '没有这样的', 9)).toEqual([]);
  });

  it('open at a slash that begins a word, names at an @', () => {
    expect([slashAt('/wh', 3), slashAt('您好 /g', 5), slashAt('https://x', 9), slashAt('a/b', 3), slashAt('/wh 完', 5)]).toEqual([{ from: 0, query: 'wh' }, { from: 3, query: 'g' }, null, null, null]);
    expect([atAt('请 @李', 4), atAt('@', 1), atAt('a@b.cn', 6), atAt('请@', 2)]).toEqual([{ from: 2, query: '李' }, { from: 0, query: '' }, null, { from: 1, query: '' }]);
  });
});

describe('a filter', () => {
  const rows = [
    aConversation({ id: 'a', unread: 2, groupId: 'g1' }),
    aConversation({ id: 'b', channel: 'ivr-twilio', emergency: { category: 'gas', words: [], at: 0 }, preview: '煤气味' }),
    aConversation({ id: 'c', enterprise: { id: 'e', name: '示范机械厂', seatId: null, seatName: null } }),
  ];
  const ids = (part: Partial<typeof NO_FILTER>, mentioned: ReadonlySet<string> = new Set()): string[] => narrow(rows, { ...NO_FILTER, ...part }, mentioned).map(({ id }) => id);

  it('narrows by each of its parts and by all together', () => {
    expect([ids({}), ids({ channel: 'ivr-twilio' }), ids({ group: 'g1' }), ids({ emergency: true }), ids({ enterprise: true }), ids({ unread: true }), ids({ text: 'mqw' }), ids({ text: '机械' }), ids({ unread: true, emergency: true })]).toEqual([['a', 'b', 'c'], ['b'], ['a'], ['b'], ['c'], ['a'], ['b'], ['c'], []]);
  });

  it('takes a mention for unread', () => {
    expect(ids({ unread: true }, new Set(['c']))).toEqual(['a', 'c']);
  });
});

describe('undo', () => {
  it('waits, and does it once', async () => {
    const clock = createFakeClock(NOW);
    const undo = createUndo(clock);
    const done: boolean[] = [];
    undo.later('c1', '结束', (last) => void done.push(last));
    await clock.advance(UNDO_MS - 1);
    expect([done, undo.waiting.value.length]).toEqual([[], 1]);
    await clock.advance(1);
    await clock.advance(UNDO_MS);
    expect([done, undo.waiting.value]).toEqual([[false], []]);
    expect(undo.undo()).toBe(false);
  });

  it('takes back the newest, hurries when the page is left, and a second click on one thing does the first', async () => {
    const clock = createFakeClock(NOW);
    const undo = createUndo(clock);
    const done: string[] = [];
    undo.later('c1', '结束', () => void done.push('close'));
    undo.later('c2', '结束', () => void done.push('other'));
    expect(undo.undo()).toBe(true);
    undo.later('c1', '交还', (last) => void done.push(`back ${last}`));
    expect(done).toEqual(['close']);
    undo.hurry(undefined, true);
    await clock.advance(UNDO_MS * 2);
    expect(done).toEqual(['close', 'back true']);
  });
});

describe('drafts', () => {
  const aShelf = () => {
    const clock = createFakeClock(NOW);
    const sent: (readonly [string, string, boolean])[] = [];
    let broken = false;
    const drafts = createDrafts({ deskWork: { keepDraft: async (id, text, last = false) => {
      sent.push([id, text, last]);
      if (broken) throw new Error('away');
    } } }, clock);
    return { clock, sent, drafts, fail: (now: boolean) => void (broken = now) };
  };

  it('go to the server a moment after the last letter, and at once when the page is left', async () => {
    const { clock, sent, drafts } = aShelf();
    drafts.keep('c1', '写');
    drafts.keep('c1', '写到');
    expect(sent).toEqual([]);
    await clock.advance(1_000);
    drafts.keep('c1', '写到一半');
    drafts.flush();
    await clock.advance(5_000);
    expect(sent).toEqual([['c1', '写到', false], ['c1', '写到一半', true]]);
  });

  it('come back after a reload, but never over what was typed here meanwhile', async () => {
    const { clock, sent, drafts } = aShelf();
    drafts.learn('c1', { text: '昨天写的' });
    expect([drafts.of('c1'), drafts.came.value]).toEqual(['昨天写的', 1]);
    drafts.keep('c1', '现在写的');
    drafts.learn('c1', { text: '昨天写的' });
    expect(drafts.of('c1')).toBe('现在写的');
    await clock.advance(1_000);
    // Another window of this seat sent it: nothing was typed here since.
    drafts.learn('c1', null);
    expect([drafts.of('c1'), sent.length]).toEqual(['', 1]);
  });

  it('try again after a failure', async () => {
    const { clock, sent, drafts, fail } = aShelf();
    fail(true);
    drafts.keep('c1', '一');
    await clock.advance(1_000);
    fail(false);
    drafts.keep('c1', '一二');
    await clock.advance(1_000);
    expect(sent.map(([, text]) => text)).toEqual(['一', '一二']);
  });
});

describe('mentions', () => {
  it('count what is unread until it is looked at, once, and not one’s own', async () => {
    const read: (readonly string[] | null)[] = [];
    const mentions = createMentions({ deskWork: { mentions: async () => ({ mentions: [], unread: 0 }), readMentions: async (ids) => void read.push(ids), colleagues: async () => [] } }, () => NOW);
    const note = (given: Partial<NoteView>): NoteView => aNote({ mentions: [{ id: 'me', name: '我' }], ...given });
    expect([mentions.heard(note({ id: 'a' }), 'me'), mentions.heard(note({ id: 'a' }), 'me'), mentions.heard(note({ id: 'b', seatId: 'me' }), 'me'), mentions.heard(aNote({ id: 'c', mentions: [] }), 'me'), mentions.heard(aNote({ id: 'd', kind: 'whisper', toSeatId: 'me', conversationId: 'c2' }), 'me')]).toEqual([true, true, false, false, true]);
    expect([mentions.unread.value, [...mentions.conversations.value]]).toEqual([2, ['c2', 'c1']]);
    mentions.looked('c1');
    expect([mentions.unread.value, read]).toEqual([1, [['a']]]);
    mentions.readAll();
    mentions.readAll();
    expect([mentions.unread.value, read]).toEqual([0, [['a'], null]]);
  });
});

describe('the queue’s news', () => {
  const me = { id: 'seat-1', displayName: '张坐席', role: 'seat', groups: [], presence: 'wrap-up', reason: null, since: NOW, until: NOW + 30_000, load: 1, capacity: 3 } as const;
  const aQueue = () => {
    const now = signal(NOW);
    return { now, queue: createQueueState({ queue: { groups: async () => ({ groups: [], assign: 'offer', breakReasons: [] }), presence: async () => [] } }, computed(() => now.value), { state: 'online', reason: null, since: NOW, until: null }) };
  };
  const offer = (seatId: string | null, until: number | null) => ({ type: 'offer', conversationId: 'c1', groupId: 'g1', seatId, until, kind: 'queue' }) as const;

  it('shows an offer until it is over, and tells of it once', () => {
    const { now, queue } = aQueue();
    expect([queue.frame(offer('seat-1', NOW + 20_000), 'seat-1'), queue.frame(offer('seat-1', NOW + 20_000), 'seat-1'), queue.frame(offer('seat-2', NOW + 20_000), 'seat-2')]).toEqual([true, false, false]);
    expect(queue.offers.value).toHaveLength(1);
    now.value = NOW + 20_001;
    expect(queue.offers.value).toEqual([]);
    now.value = NOW;
    queue.frame(offer(null, null), 'seat-1');
    expect(queue.offers.value).toEqual([]);
  });

  it('reads offers from rows too, and takes them back with the row', () => {
    const { queue } = aQueue();
    queue.rows([aConversation({ offeredTo: { seatId: 'seat-1', seatName: '张', until: NOW + 5_000, kind: 'transfer' } })], 'seat-1');
    expect(queue.offers.value).toEqual([{ conversationId: 'c1', until: NOW + 5_000, kind: 'transfer' }]);
    queue.rows([aConversation({ offeredTo: null })], 'seat-1');
    expect(queue.offers.value).toEqual([]);
  });

  it('follows what the server says of one’s own presence', () => {
    const { queue } = aQueue();
    queue.frame({ type: 'presence', seats: [me] }, 'seat-1');
    expect([queue.presence.value, queue.seats.value]).toEqual([{ state: 'wrap-up', reason: null, since: NOW, until: NOW + 30_000 }, [me]]);
    queue.frame({ type: 'presence', seats: [{ ...me, presence: 'offline' }] }, 'seat-1');
    expect(queue.presence.value.state).toBe('wrap-up');
  });
});

describe('being told', () => {
  const aRoom = (visible: boolean, prefs: string) => {
    const heard: string[] = [];
    const ports: NotifyPorts = { tone: (urgent) => void heard.push(urgent ? 'urgent' : 'tone'), show: (text) => void heard.push(text), ask: async () => true, visible: () => visible };
    let now = NOW;
    const preferences = createPreferences({ read: () => prefs, write: () => undefined });
    return { heard, preferences, notify: createNotify({ preferences, ports, now: () => now, selected: () => 'c1', open: () => undefined }), later: () => void (now += 5_000) };
  };

  it('is silent unless the seat wants it', () => {
    const { heard, notify } = aRoom(false, '');
    notify.tell('offer', '王*', 'c2');
    expect(heard).toEqual([]);
  });

  it('is quiet for what is being looked at, and says nothing of what was said', () => {
    const here = aRoom(true, '{"sound":true,"notify":true}');
    here.notify.tell('message', '王*', 'c1');
    here.notify.tell('message', '王*', 'c2');
    here.notify.tell('offer', '王*', 'c3');
    here.later();
    here.notify.tell('offer', '王*', 'c3');
    expect(here.heard).toEqual(['tone', 'urgent']);
    const away = aRoom(false, '{"sound":true,"notify":true}');
    away.notify.tell('mention', '李坐席', 'c1');
    expect(away.heard).toEqual(['tone', '李坐席：有备注提到您']);
  });

  it('remembers what the browser allowed', async () => {
    const { notify, preferences } = aRoom(true, '');
    expect([await notify.enable(), preferences.notify.value]).toEqual([true, true]);
  });
});

describe('a transcript', () => {
  it('has notes where they were written, unsent replies last, and each day once', () => {
    const activities = [anActivity({ id: 'a1', seq: 3, at: NOW - 86_400_000 }), anActivity({ id: 'a2', seq: 4 }), anActivity({ id: 'x', seq: 5, content: { type: 'event', name: 'attachment.saved' } }), anActivity({ id: 'a3', seq: 6 })];
    const notes = [aNote({ id: 'old', afterSeq: 1 }), aNote({ id: 'n1', afterSeq: 2 }), aNote({ id: 'n2', afterSeq: 4 }), aNote({ id: 'n3', afterSeq: 6 }), aNote({ id: 'n4', afterSeq: 99 })];
    const lines = linesOf({ activities, notes, pending: [{ clientId: 'p', text: '', at: NOW, error: null }] });
    expect(lines.map(({ key }) => key)).toEqual(['note-n1', 'a1', 'a2', 'note-n2', 'a3', 'note-n3', 'note-n4', 'pending-p']);
    expect(lines.filter(({ day }) => day !== null).map(({ key }) => key)).toEqual(['a1', 'a2']);
  });
});
