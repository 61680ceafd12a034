import { describe, expect, it } from 'vitest';
import { aSeat } from '../../factories/index.ts';
import { NOW, type Subject } from './support.ts';

export function deskContract(subject: Subject): void {
  describe('seats and sessions', () => {
    it('keeps seats, and their password hash to itself', async () => {
      const { store } = subject();
      const seat = aSeat({ username: 'wang' });
      expect(await store.read((repos) => repos.seats.count())).toBe(0);
      await store.write((repos) => repos.seats.create(seat, 'hash-1'));
      await store.read(async ({ seats }) => {
        expect(await seats.get(seat.id)).toEqual(seat);
        expect(await seats.findByUsername('wang')).toEqual({ seat, passwordHash: 'hash-1' });
        expect(await seats.findByUsername('Wang')).toBeNull();
        expect(await seats.list()).toEqual([seat]);
        expect(await seats.count()).toBe(1);
      });
      await expect(store.write((repos) => repos.seats.create(aSeat({ username: 'wang' }), 'hash-2'))).rejects.toMatchObject({ code: 'seat.username_taken' });
      await store.write((repos) => repos.seats.update(seat.id, { displayName: '王', role: 'supervisor', active: false, passwordHash: 'hash-3' }));
      await store.write((repos) => repos.seats.update(seat.id, {}));
      expect(await store.read((repos) => repos.seats.findByUsername('wang'))).toEqual({ seat: { ...seat, displayName: '王', role: 'supervisor', active: false }, passwordHash: 'hash-3' });
    });

    it('knows who is online', async () => {
      const { store } = subject();
      for (const id of ['s1', 's2', 's3', 's4']) await store.write((repos) => repos.seats.create(aSeat({ id, active: id !== 's4' }), 'hash'));
      const beat = (id: string, presence: 'online' | 'away', at: number) => store.write((repos) => repos.seats.beat(id, presence, at));
      await beat('s1', 'online', NOW);
      await beat('s2', 'online', NOW - 100);
      await beat('s3', 'away', NOW);
      await beat('s4', 'online', NOW);
      expect(await store.read((repos) => repos.seats.online(NOW - 50))).toEqual(['s1']);
      expect(await store.read((repos) => repos.seats.online(NOW - 100))).toEqual(['s1', 's2']);
      await store.write((repos) => repos.seats.beat('s1', 'offline', NOW));
      expect(await store.read((repos) => repos.seats.online(NOW - 100))).toEqual(['s2']);
      // Gone from one node, while another has heard of it since.
      await store.write((repos) => repos.seats.leave('s2', NOW - 200));
      expect(await store.read((repos) => repos.seats.online(NOW - 100))).toEqual(['s2']);
      await store.write((repos) => repos.seats.leave('s2', NOW - 100));
      expect(await store.read((repos) => repos.seats.online(NOW - 100))).toEqual([]);
    });

    it('finds a session until it ends', async () => {
      const { store } = subject();
      await store.write((repos) => repos.seats.create(aSeat({ id: 's1' }), 'hash'));
      const session = (tokenHash: string, expiresAt: number) => ({ tokenHash, seatId: 's1', csrf: `csrf ${tokenHash}`, createdAt: NOW, expiresAt, kind: tokenHash === 'h2' ? ('bearer' as const) : ('cookie' as const) });
      for (const [hash, until] of [['h1', NOW + 10], ['h2', NOW + 20], ['h3', NOW + 30]] as const) await store.write((repos) => repos.sessions.create(session(hash, until)));
      const find = (hash: string, now: number) => store.read((repos) => repos.sessions.find(hash, now));
      expect(await find('h1', NOW)).toEqual({ seatId: 's1', csrf: 'csrf h1', expiresAt: NOW + 10, kind: 'cookie' });
      expect(await find('h1', NOW + 10)).toBeNull();
      expect(await find('h2', NOW)).toMatchObject({ kind: 'bearer' });
      expect(await find('nothing', NOW)).toBeNull();
      expect(await store.write((repos) => repos.sessions.removeExpired(NOW + 10))).toBe(1);
      await store.write((repos) => repos.sessions.remove('h2'));
      expect(await find('h2', NOW)).toBeNull();
      await store.write((repos) => repos.sessions.removeOfSeat('s1'));
      expect(await find('h3', NOW)).toBeNull();
      await expect(store.write((repos) => repos.sessions.create({ ...session('h4', NOW), seatId: 'nobody' }))).rejects.toMatchObject({ code: 'store.constraint' });
    });
  });

  describe('trail', () => {
    const append = (purpose: string | null, subjectName = 'citizen:c1') => subject().store.write((repos) => repos.trail.append({ at: NOW, actor: 'seat:s1', action: 'identity.unmasked', subject: subjectName, purpose }));
    const verify = () => subject().store.read((repos) => repos.trail.verify());
    const five = async (): Promise<void> => {
      for (let index = 1; index <= 5; index += 1) await append(`回访 ${index}`);
    };

    it('chains entries', async () => {
      const { store } = subject();
      expect(await verify()).toBeNull();
      const first = await append('核实地址');
      const second = await append(null);
      expect([first.seq, second.seq]).toEqual([1, 2]);
      expect(second.previousHash).toBe(first.hash);
      expect(await store.read((repos) => repos.trail.latest(10))).toEqual([second, first]);
      expect(await store.read((repos) => repos.trail.latest(1))).toEqual([second]);
      expect(await verify()).toBeNull();
    });

    it('stays whole under concurrent appends', async () => {
      await Promise.all(Array.from({ length: 25 }, (_, index) => append(`p${index}`)));
      expect((await subject().store.read((repos) => repos.trail.latest(100))).map((entry) => entry.seq)).toEqual(Array.from({ length: 25 }, (_, index) => 25 - index));
      expect(await verify()).toBeNull();
    });

    it.each([
      ['a changed purpose', "update trail set purpose = '别的' where seq = 3", 3],
      ['a changed actor', "update trail set actor = 'seat:s2' where seq = 2", 2],
      ['a changed time', 'update trail set at = at + 1 where seq = 5', 5],
      ['a purpose made null', 'update trail set purpose = null where seq = 4', 4],
      ['a removed entry', 'delete from trail where seq = 2', 2],
      ['a removed first entry', 'delete from trail where seq = 1', 1],
      ['a cut-off end', 'delete from trail where seq = 5', 5],
      ['an emptied trail', 'delete from trail', 1],
      ['a changed hash', "update trail set hash = 'x' where seq = 1", 1],
      ['text moved between fields', "update trail set subject = 'citizen:c1' || substr(purpose, 1, 1), purpose = substr(purpose, 2) where seq = 3", 3],
    ])('shows %s', async (_what, statement, seq) => {
      await five();
      expect(await verify()).toBeNull();
      await subject().raw(statement);
      expect(await verify()).toBe(seq);
    });

    it('walks more entries than one page', async () => {
      const { store, raw } = subject();
      await store.write(async (repos) => {
        for (let index = 0; index < 1100; index += 1) await repos.trail.append({ at: NOW, actor: 'system', action: 'x.done', subject: `x:${index}`, purpose: null });
      });
      expect(await verify()).toBeNull();
      await raw("update trail set action = 'y.done' where seq = 1050");
      expect(await verify()).toBe(1050);
    });
  });

  describe('channel state and media', () => {
    it('keeps small state per channel until it expires, sealed', async () => {
      const { store, raw } = subject();
      const get = (channel: string, key: string, now: number) => store.read((repos) => repos.channelState.get(channel, key, now));
      await store.write((repos) => repos.channelState.put('wechat', 'token', 'secret-token', NOW + 10));
      await store.write((repos) => repos.channelState.put('phone', 'token', 'other', null));
      expect(await get('wechat', 'token', NOW)).toBe('secret-token');
      expect(await get('wechat', 'token', NOW + 10)).toBeNull();
      expect(await get('phone', 'token', NOW + 10_000)).toBe('other');
      expect(await get('phone', 'quota', NOW)).toBeNull();
      await store.write((repos) => repos.channelState.put('wechat', 'token', 'newer', null));
      expect(await get('wechat', 'token', NOW + 10)).toBe('newer');
      expect(JSON.stringify(await raw('select * from channel_state'))).not.toMatch(/secret-token|newer|other/);
    });

    it('loses no change of two that read before they write', async () => {
      const { store } = subject();
      const count = () =>
        store.write(async ({ channelState }) => {
          const before = Number((await channelState.get('wechat', 'quota', NOW)) ?? '0');
          await channelState.put('wechat', 'quota', String(before + 1), null);
        });
      await Promise.all(Array.from({ length: 20 }, count));
      expect(await store.read((repos) => repos.channelState.get('wechat', 'quota', NOW))).toBe('20');
    });

    it('keeps bytes until they expire', async () => {
      const { store } = subject();
      const bytes = Buffer.from([0, 1, 2, 255, 254, 0, 39, 92]);
      const save = (token: string, expiresAt: number | null) => store.write((repos) => repos.media.save({ token, contentType: 'image/png', name: token === 't1' ? '照片.png' : null, bytes, createdAt: NOW, expiresAt }));
      for (const [token, until] of [['t1', NOW + 10], ['t2', null], ['t3', NOW + 30]] as const) await save(token, until);
      const open = (token: string, now: number) => store.read((repos) => repos.media.open(token, now));
      const opened = await open('t1', NOW);
      expect(opened).toEqual({ contentType: 'image/png', name: '照片.png', bytes });
      expect(Buffer.isBuffer(opened?.bytes)).toBe(true);
      expect(await open('t1', NOW + 10)).toBeNull();
      expect(await open('t2', NOW + 1e12)).toEqual({ contentType: 'image/png', name: null, bytes });
      expect(await open('nothing', NOW)).toBeNull();
      expect(await store.write((repos) => repos.media.removeExpired(NOW + 29))).toBe(1);
      expect(await store.write((repos) => repos.media.removeExpired(NOW + 29))).toBe(0);
      expect(await open('t3', NOW + 29)).not.toBeNull();
      await expect(save('t2', null)).rejects.toMatchObject({ code: 'store.constraint' });
    });

    it('keeps a large file', async () => {
      const { store } = subject();
      const bytes = Buffer.alloc(1_000_000, 'ab\u0000');
      await store.write((repos) => repos.media.save({ token: 'big', contentType: 'video/mp4', name: null, bytes, createdAt: NOW, expiresAt: null }));
      expect((await store.read((repos) => repos.media.open('big', NOW)))?.bytes.equals(bytes)).toBe(true);
    });
  });
}
