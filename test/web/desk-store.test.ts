import { describe, expect, it } from 'vitest';
import { createDesk, type Desk } from '../../src/web/desk/state/desk.ts';
import type { SocketHandlers } from '../../src/web/shared/ports.ts';
import { aConversation, anActivity, NOW } from './support/desk-factories.ts';
import { createFakeClock, type FakeClock } from './support/fake-clock.ts';
import { createFakeDesk, type FakeDesk } from './support/fake-desk.ts';

interface World {
  readonly clock: FakeClock;
  readonly server: FakeDesk;
  readonly desk: Desk;
  /** What preferences this browser keeps. */
  readonly prefs: { value: string | null };
  network: boolean;
  /** Ends the socket; `network` says whether a new one can be had. */
  cut(): void;
}

function aWorld(prefs: string | null = null, skewMs = 0): World {
  const clock = createFakeClock(NOW);
  const server = createFakeDesk('administrator', () => clock.now() + skewMs);
  let ids = 0;
  let open: { handlers: SocketHandlers; connection: ReturnType<FakeDesk['connect']> } | null = null;
  const world: Omit<World, 'desk'> = {
    clock,
    server,
    prefs: { value: prefs },
    network: true,
    cut() {
      const was = open;
      open = null;
      was?.connection.disconnect();
      was?.handlers.closed('');
    },
  };
  let cookie = false;
  const desk = createDesk({
    ports: {
      async fetch(path, init) {
        await Promise.resolve();
        if (!world.network) throw new TypeError('network');
        const text = typeof init.body === 'string' ? init.body : '{}';
        const reply = server.handle({ method: init.method ?? 'GET', path, csrf: new Headers(init.headers).get('x-csrf-token') ?? undefined, cookie, body: { ...(JSON.parse(text) as object) } });
        if (path === '/api/session' && init.method === 'POST' && reply.status === 200) cookie = true;
        return new Response(reply.status === 204 ? null : JSON.stringify(reply.body), { status: reply.status });
      },
      openSocket(_url, handlers) {
        if (!world.network) {
          queueMicrotask(() => handlers.closed(''));
          return { send: () => undefined, close: () => undefined };
        }
        let connection: ReturnType<FakeDesk['connect']> | null = null;
        queueMicrotask(() => {
          connection = server.connect(handlers);
          open = { handlers, connection };
          handlers.opened();
        });
        return { send: (message) => connection?.receive(message), close: () => connection?.disconnect() };
      },
      now: clock.now,
      after: clock.after,
      random: () => 0.5,
      newId: () => `reply-key-${(ids += 1)}`,
    },
    liveUrl: 'ws://desk/api/desk/live',
    prefs: { read: () => world.prefs.value, write: (value) => void (world.prefs.value = value) },
  });
  return Object.assign(world, { desk });
}

async function signedIn(prefs: string | null = null, skewMs = 0): Promise<World> {
  const world = aWorld(prefs, skewMs);
  await world.desk.start();
  await world.desk.signIn('zhang', 'correct horse');
  await world.clock.advance(200);
  return world;
}

const calls = (server: FakeDesk, pattern: RegExp): number => server.requests.filter((request) => pattern.test(`${request.method} ${request.path}`)).length;
const alertTexts = (desk: Desk): string[] => desk.alerts.list.value.map((alert) => alert.text);
const row = (desk: Desk, id = 'c1') => {
  const found = desk.state.value.conversations.get(id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
};
const shown = (desk: Desk): string[] => (desk.transcript.value?.activities ?? []).map((activity) => (activity.content.type === 'message' ? activity.content.text : activity.content.type));

describe('signing in and out', () => {
  it('tells the seat of an inspection that concerns it, and keeps it in the bell until it is read', async () => {
    const world = await signedIn();
    world.server.tell({ type: 'inspection', inspectionId: 'i1', move: 'judge', score: 85 });
    world.server.tell({ type: 'inspection', inspectionId: 'i1', move: 'rejudge', score: 100 });
    await world.clock.advance(200);
    expect(alertTexts(world.desk)).toEqual(['您的一次服务已质检，得分 85，可在“质检”里查看和申诉', '您的申诉已裁定，得分 100']);
    expect(world.desk.inspections.list.value).toMatchObject([{ inspectionId: 'i1', move: 'rejudge', score: 100, read: false }]);
    world.desk.inspections.looked('i1');
    expect(world.desk.inspections.unread.value).toBe(0);
  });

  it('goes on with those who wait as the list is scrolled, and reads as far again when it has been away', async () => {
    const world = await signedIn();
    world.server.paging.waiting = true;
    for (let count = 0; count < 450; count += 1) world.server.conversations.set(`w${count}`, aConversation({ id: `w${count}`, owner: 'waiting', waitingSince: NOW + count, citizen: { id: `w${count}`, phoneMasked: null, nameMasked: null } }));
    const shown = () => [...world.desk.state.value.conversations.values()].filter(({ owner }) => owner === 'waiting').length;
    world.cut();
    await world.clock.advance(60_000);
    expect(shown()).toBe(200);
    await world.desk.more();
    expect(shown()).toBe(400);
    await world.desk.more();
    await world.desk.more();
    expect(shown()).toBe(451);
    world.server.conversations.delete('w440');
    world.cut();
    await world.clock.advance(60_000);
    expect(shown()).toBe(450);
  });

  it('starts at the sign-in page and says what was wrong', async () => {
    const { desk } = aWorld();
    await desk.start();
    expect(desk.session.value).toBeNull();
    await expect(desk.signIn('zhang', 'wrong')).rejects.toThrow('用户名或密码不正确');
    expect(desk.session.value).toBeNull();
  });

  it('reads the lists, connects and says that the seat is online', async () => {
    const { desk, server } = await signedIn();
    expect(desk.live.value).toBe('online');
    expect(desk.rows.value.map((one) => one.id)).toEqual(['c1']);
    expect(desk.catalog.value?.towns).toHaveLength(2);
    expect(server.requests.filter((request) => request.path === '/api/presence').map((request) => request.body['presence'])).toEqual(['online']);
  });

  it('keeps a seat away that was away when this browser last had it', async () => {
    const { desk, server } = await signedIn(JSON.stringify({ seat: 'seat-1', presence: 'away' }));
    expect(desk.presence.value).toBe('away');
    expect(server.requests.filter((request) => request.path === '/api/presence').every((request) => request.body['presence'] === 'away')).toBe(true);
  });

  it('keeps nothing of a seat that has left, not even from answers that come late', async () => {
    const { desk, clock } = await signedIn();
    desk.select('c1');
    desk.drafts.keep('c1', '未发的话');
    await desk.signOut();
    await clock.settle();
    expect(desk.session.value).toBeNull();
    expect(desk.state.value.conversations.size).toBe(0);
    expect(desk.state.value.transcripts.size).toBe(0);
    expect(desk.drafts.of('c1')).toBe('');
  });

  it('goes to the sign-in page when the session ends elsewhere', async () => {
    const { desk, server, clock } = await signedIn();
    server.endSession();
    desk.select('c1');
    await clock.settle();
    expect(desk.session.value).toBeNull();
    expect(alertTexts(desk)).toContain('登录已过期，请重新登录');
  });

  it('fetches a stale CSRF token again, once', async () => {
    const { desk, server } = await signedIn();
    server.fail(/PUT .*presence/, { status: 403, body: { error: { code: 'desk.csrf', message: '页面已过期' } } });
    await desk.setPresence('away');
    expect(desk.presence.value).toBe('away');
    expect(calls(server, /GET \/api\/session/)).toBe(2);
  });
});

describe('live', () => {
  it('shows what citizens write to the open conversation, and what changes in the lists', async () => {
    const { desk, server, clock } = await signedIn();
    desk.select('c1');
    await clock.settle();
    expect(server.received).toContain(JSON.stringify({ type: 'watch', conversationId: 'c1' }));
    server.hear('c1', '还在吵');
    server.put(aConversation({ id: 'c2', waitingSince: clock.now() }));
    await clock.advance(200);
    expect(shown(desk).at(-1)).toBe('还在吵');
    expect(desk.rows.value.map((one) => one.id)).toEqual(['c1', 'c2']);
  });

  it('reads everything again after a reconnect: nothing that happened in between is missed', async () => {
    const world = await signedIn();
    const { desk, server, clock } = world;
    desk.select('c1');
    await clock.settle();
    world.network = false;
    world.cut();
    server.hear('c1', '断线时说的');
    server.put(aConversation({ id: 'c3' }));
    await clock.advance(30_000);
    expect(desk.live.value).toBe('waiting');
    expect(shown(desk)).not.toContain('断线时说的');
    world.network = true;
    await clock.advance(30_000);
    expect(desk.live.value).toBe('online');
    expect(shown(desk)).toContain('断线时说的');
    expect(desk.state.value.conversations.has('c3')).toBe(true);
    expect(server.received.filter((text) => text.includes('"watch"'))).toHaveLength(2);
  });

  it('fills a gap in the open transcript by itself', async () => {
    const { desk, server, clock } = await signedIn();
    desk.select('c1');
    await clock.settle();
    const kept = server.activities.get('c1') ?? [];
    const third = { ...kept[1], id: 'c1-3', seq: 3, content: { type: 'message', text: '第三句' } } as (typeof kept)[number];
    server.activities.set('c1', [...kept, third]);
    server.hear('c1', '第四句');
    await clock.advance(500);
    expect(shown(desk).slice(-2)).toEqual(['第三句', '第四句']);
  });

  it('raises an alarm for an emergency that stays until somebody looks', async () => {
    const { desk, server, clock } = await signedIn();
    server.tell({ type: 'emergency', conversationId: 'c1', category: 'fire' });
    await clock.advance(60_000);
    expect(desk.alerts.list.value).toMatchObject([{ kind: 'emergency', conversationId: 'c1' }]);
    desk.select('c1');
    expect(desk.alerts.list.value).toEqual([]);
  });

  it('follows the server’s clock for waiting times', async () => {
    const skew = -7 * 60_000;
    const { desk, clock } = await signedIn(null, skew);
    await clock.advance(3_000);
    expect(Math.abs(desk.now.value - (clock.now() + skew))).toBeLessThanOrEqual(1_000);
  });
});

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
