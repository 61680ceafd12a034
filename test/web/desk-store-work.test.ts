import { describe, expect, it } from 'vitest';
import { anActivity, NOW } from './support/desk-factories.ts';
import { signedIn, calls, alertTexts, row, shown } from './support/desk-world.ts';

describe('one writer', () => {
  it('takes a conversation, replies, and gives it back', async () => {
    const { desk, server, clock } = await signedIn();
    desk.select('c1');
    await desk.take(row(desk));
    expect(row(desk)).toMatchObject({ owner: 'human', seatId: 'seat-1' });
    expect(desk.view.value).toBe('mine');
    desk.replies.send('c1', '您好');
    await clock.advance(200);
    expect(shown(desk).filter((text) => text === '您好')).toHaveLength(1);
    expect(desk.transcript.value?.pending).toEqual([]);
    desk.handBack(row(desk));
    await clock.advance(5_000);
    expect(server.conversations.get('c1')?.owner).toBe('bot');
  });

  it('gives a wrong click back within five seconds, and does what waits when the page is left', async () => {
    const { desk, server, clock } = await signedIn();
    await desk.take(row(desk));
    desk.close(row(desk));
    await clock.advance(4_000);
    expect([desk.undo.waiting.value.map(({ text }) => text), desk.undo.undo()]).toEqual([['结束与王*的会话'], true]);
    await clock.advance(10_000);
    expect(server.conversations.get('c1')?.owner).toBe('human');
    desk.close(row(desk));
    desk.drafts.keep('c2', '还没发');
    desk.leaving();
    await clock.settle();
    expect([server.conversations.get('c1')?.owner, server.beside.drafts.get('c2')]).toEqual(['closed', '还没发']);
  });

  it('holds a reply for three seconds where the seat wants it, and sends it with the page', async () => {
    const { desk, server, clock } = await signedIn('{"recall":true}');
    desk.select('c1');
    await desk.take(row(desk));
    desk.replies.send('c1', '打错了');
    await clock.advance(2_900);
    expect(desk.replies.recall('c1')).toBe('打错了');
    expect([desk.replies.recall('c1'), desk.transcript.value?.pending]).toEqual([null, []]);
    desk.replies.send('c1', '对的');
    await clock.advance(3_100);
    expect([calls(server, /reply/), desk.replies.recall('c1')]).toEqual([1, null]);
    desk.replies.send('c1', '离开前');
    desk.leaving();
    await clock.settle();
    expect([calls(server, /reply/), server.activities.get('c1')?.at(-1)?.content]).toEqual([2, { type: 'message', text: '离开前' }]);
  });

  it('reads a long conversation backwards without a gap', async () => {
    const { desk, server, clock } = await signedIn();
    server.activities.set('c1', Array.from({ length: 950 }, (_none, at) => anActivity({ id: `m${at + 1}`, seq: at + 1, content: { type: 'message', text: `第${at + 1}条` } })));
    desk.select('c1');
    await clock.settle();
    const seqs = (): number[] => (desk.transcript.value?.activities ?? []).map(({ seq }) => seq);
    expect([seqs().length, seqs()[0]]).toEqual([200, 751]);
    for (let page = 0; page < 6; page += 1) await desk.earlier();
    expect(seqs()).toEqual(Array.from({ length: 950 }, (_none, at) => at + 1));
    expect(calls(server, /beforeSeq/)).toBe(4);
  });

  it('shows what was offered, accepts it, and lets a declined one be taken back', async () => {
    const { desk, server, clock } = await signedIn();
    const offer = { type: 'offer', conversationId: 'c1', groupId: 'g1', seatId: 'seat-1', until: NOW + 60_000, kind: 'queue' } as const;
    server.tell(offer);
    await clock.advance(100);
    expect(desk.queue.offers.value).toHaveLength(1);
    desk.decline('c1');
    expect([desk.queue.offers.value, desk.undo.undo()]).toEqual([[], true]);
    expect(desk.queue.offers.value).toHaveLength(1);
    await desk.accept('c1');
    expect([server.conversations.get('c1')?.seatId, desk.queue.offers.value, desk.view.value, desk.selectedId.value]).toEqual(['seat-1', [], 'mine', 'c1']);
    expect(calls(server, /decline/)).toBe(0);
  });

  it('hears of notes at once, and of those that were written while it was away', async () => {
    const { desk, server, clock, cut } = await signedIn();
    desk.select('c1');
    await clock.settle();
    server.beside.mention('c1', '请看一下');
    await clock.advance(200);
    expect([desk.transcript.value?.notes.map(({ text }) => text), desk.mentions.unread.value]).toEqual([['请看一下'], 0]);
    cut();
    server.beside.mention('c1', '断线时写的');
    await clock.advance(5_000);
    expect(desk.transcript.value?.notes.map(({ text }) => text)).toEqual(['请看一下', '断线时写的']);
  });

  it('says who has it when somebody was faster, and shows the truth', async () => {
    const { desk, server } = await signedIn();
    server.takeAway('c1');
    await desk.take(row(desk));
    expect(alertTexts(desk)).toContain('李坐席已接管这个会话');
    expect(row(desk)).toMatchObject({ owner: 'human', seatId: 'seat-2' });
    expect(desk.view.value).toBe('waiting');
  });

  it('keeps a refused reply visible with its reason', async () => {
    const { desk, server, clock } = await signedIn();
    desk.select('c1');
    await desk.take(row(desk));
    server.takeAway('c1');
    desk.replies.send('c1', '我来处理');
    await clock.advance(500);
    expect(desk.transcript.value?.pending).toMatchObject([{ text: '我来处理', error: '请先接管会话' }]);
    expect(shown(desk)).not.toContain('我来处理');
    expect(row(desk).seatId).toBe('seat-2');
  });
});

describe('replies', () => {
  it('are tried again with the same key, arrive once and in order', async () => {
    const { desk, server, clock } = await signedIn();
    desk.select('c1');
    await desk.take(row(desk));
    server.fail(/reply/, { status: 503, body: {} }, 2);
    desk.replies.send('c1', '第一');
    desk.replies.send('c1', '第二');
    await clock.advance(20_000);
    expect(shown(desk).slice(-2)).toEqual(['第一', '第二']);
    const keys = server.requests.filter((request) => request.path.endsWith('/reply')).map((request) => request.body['clientId']);
    expect(new Set(keys).size).toBe(2);
  });

  it('that cannot be sent stop those behind them, and can be retried or dropped', async () => {
    const { desk, server, clock } = await signedIn();
    desk.select('c1');
    await desk.take(row(desk));
    server.fail(/reply/, { status: 503, body: {} }, 3);
    desk.replies.send('c1', '第一');
    desk.replies.send('c1', '第二');
    await clock.advance(20_000);
    const [first, second] = desk.transcript.value?.pending ?? [];
    expect([first?.error, second?.error].every((error) => typeof error === 'string')).toBe(true);
    if (first === undefined || second === undefined) throw new Error('both must wait');
    desk.replies.retry('c1', first);
    desk.replies.drop('c1', second);
    await clock.advance(2_000);
    expect(desk.transcript.value?.pending).toEqual([]);
    expect(shown(desk)).toContain('第一');
    expect(shown(desk)).not.toContain('第二');
  });
});

describe('reading', () => {
  it('marks an own conversation as read once, others never', async () => {
    const { desk, server, clock } = await signedIn();
    desk.select('c1');
    await clock.settle();
    desk.seen();
    expect(calls(server, /read/)).toBe(0);
    await desk.take(row(desk));
    server.hear('c1', '补充一点');
    await clock.advance(200);
    expect(row(desk).unread).toBe(1);
    desk.seen();
    desk.seen();
    await clock.settle();
    expect(calls(server, /read/)).toBe(1);
    expect(row(desk).unread).toBe(0);
  });

  it('keeps drafts and preferences', async () => {
    const { desk, prefs } = await signedIn();
    desk.drafts.keep('c1', '写到一半');
    desk.preferences.setTheme('dark');
    desk.preferences.setEnterSends(false);
    expect(desk.drafts.of('c1')).toBe('写到一半');
    expect(JSON.parse(prefs.value ?? '{}')).toMatchObject({ theme: 'dark', enter: 'newline' });
  });

  it('tells the citizen of typing at most every few seconds', async () => {
    const { desk, server, clock } = await signedIn();
    for (let key = 0; key < 10; key += 1) desk.typing('c1');
    await clock.advance(4_000);
    desk.typing('c1');
    expect(server.received.filter((text) => text.includes('"typing"'))).toHaveLength(2);
  });
});
