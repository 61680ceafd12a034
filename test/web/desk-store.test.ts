import { describe, expect, it } from 'vitest';
import { aConversation, NOW } from './support/desk-factories.ts';
import { aWorld, signedIn, calls, alertTexts, shown } from './support/desk-world.ts';

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
