import { describe, expect, it } from 'vitest';
import { aCitizen } from '../../factories/index.ts';
import { makeCitizen, NOW, type Subject } from './support.ts';

const PHONE = '13800138000';
const OTHER_PHONE = '13900139000';

export function citizenContract(subject: Subject): void {
  describe('citizens', () => {
    it('knows a channel id again, per channel', async () => {
      const { store } = subject();
      const first = await makeCitizen(store, { id: 'c1', channel: 'wechat', externalUserId: 'openid-1' });
      expect(first).toBe('c1');
      expect(await makeCitizen(store, { id: 'c2', channel: 'wechat', externalUserId: 'openid-1' })).toBe('c1');
      expect(await makeCitizen(store, { id: 'c3', channel: 'webchat', externalUserId: 'openid-1' })).toBe('c3');
    });

    it('makes an anonymous citizen each time nothing is known', async () => {
      const { store } = subject();
      const nobody = { externalUserId: null, phone: null };
      expect(await makeCitizen(store, { id: 'c1', ...nobody })).toBe('c1');
      expect(await makeCitizen(store, { id: 'c2', ...nobody })).toBe('c2');
      expect(await store.read((repos) => repos.citizens.summary('c1'))).toEqual({ id: 'c1', phoneMasked: null, phoneLast4: null, nameMasked: null, createdAt: NOW });
    });

    it('joins channels by a vouched phone', async () => {
      const { store } = subject();
      await makeCitizen(store, { id: 'caller', channel: 'phone', externalUserId: null, phone: PHONE });
      expect(await makeCitizen(store, { id: 'other', channel: 'phone', externalUserId: null, phone: PHONE })).toBe('caller');
      expect(await makeCitizen(store, { id: 'wx', channel: 'wechat', externalUserId: 'openid-1', phone: PHONE })).toBe('caller');
      expect(await makeCitizen(store, { id: 'wx2', channel: 'wechat', externalUserId: 'openid-1' })).toBe('caller');
    });

    it('lets the vouched phone win over a channel id that was somebody else', async () => {
      const { store } = subject();
      await makeCitizen(store, { id: 'wx', channel: 'wechat', externalUserId: 'openid-1' });
      await makeCitizen(store, { id: 'caller', channel: 'phone', externalUserId: null, phone: PHONE });
      expect(await makeCitizen(store, { id: 'new', channel: 'wechat', externalUserId: 'openid-1', phone: PHONE })).toBe('caller');
      expect(await makeCitizen(store, { id: 'new', channel: 'wechat', externalUserId: 'openid-1' })).toBe('caller');
      expect(await store.read((repos) => repos.citizens.summary('wx'))).toMatchObject({ phoneMasked: null });
    });

    it('gives a known channel id the phone that nobody has, also a new one', async () => {
      const { store } = subject();
      await makeCitizen(store, { id: 'wx', channel: 'wechat', externalUserId: 'openid-1' });
      expect(await makeCitizen(store, { id: 'x', channel: 'wechat', externalUserId: 'openid-1', phone: PHONE })).toBe('wx');
      expect(await store.read((repos) => repos.citizens.reveal('wx'))).toEqual({ phone: PHONE, name: null });
      expect(await makeCitizen(store, { id: 'x', channel: 'wechat', externalUserId: 'openid-1', phone: OTHER_PHONE })).toBe('wx');
      // The old number is free again: whoever calls with it is somebody new.
      expect(await makeCitizen(store, { id: 'heir', channel: 'phone', externalUserId: null, phone: PHONE })).toBe('heir');
    });

    it('keeps a told phone as a contact that joins nobody', async () => {
      const { store } = subject();
      await makeCitizen(store, { id: 'owner', channel: 'phone', externalUserId: null, phone: PHONE });
      await makeCitizen(store, { id: 'web', externalUserId: 'u1' });
      await store.write((repos) => repos.citizens.learn('web', { phone: PHONE, name: '张三丰' }));
      expect(await store.read((repos) => repos.citizens.summary('web'))).toEqual({ id: 'web', phoneMasked: '138****8000', phoneLast4: '8000', nameMasked: '张**', createdAt: NOW });
      expect(await makeCitizen(store, { id: 'x', channel: 'phone', externalUserId: null, phone: PHONE })).toBe('owner');
      await store.write((repos) => repos.citizens.learn('web', { phone: OTHER_PHONE }));
      expect(await store.read((repos) => repos.citizens.reveal('web'))).toEqual({ phone: OTHER_PHONE, name: '张三丰' });
    });

    it('keeps the display name of a channel, and masks what is not a mainland number', async () => {
      const { store } = subject();
      await makeCitizen(store, { id: 'c1', displayName: '😀李雷', phone: '+85212345678' });
      expect(await store.read((repos) => repos.citizens.summary('c1'))).toMatchObject({ phoneMasked: '+852****5678', phoneLast4: '5678', nameMasked: '😀**' });
    });

    it('says null of somebody unknown', async () => {
      const { store } = subject();
      expect(await store.read((repos) => repos.citizens.summary('nobody'))).toBeNull();
      expect(await store.read((repos) => repos.citizens.reveal('nobody'))).toBeNull();
    });

    it('makes one person of first messages that come at once', async () => {
      const { store } = subject();
      const ids = await Promise.all(
        Array.from({ length: 12 }, (_, index) => store.write((repos) => repos.citizens.resolve(aCitizen({ id: `c${index}`, channel: 'wechat', externalUserId: 'openid-1', phone: index % 2 === 0 ? PHONE : null })))),
      );
      expect(new Set(ids).size).toBe(1);
    });

    it('has neither number, name nor channel id in the tables', async () => {
      const { store, raw } = subject();
      await makeCitizen(store, { id: 'c1', channel: 'wechat', externalUserId: 'openid-in-clear', phone: PHONE, displayName: '王小明' });
      await store.write((repos) => repos.citizens.learn('c1', { phone: OTHER_PHONE, name: '王小明' }));
      const atRest = JSON.stringify([await raw('select * from citizens'), await raw('select * from citizen_identities')]);
      expect(atRest).toContain('c1');
      for (const secret of [PHONE, OTHER_PHONE, '王小明', 'openid-in-clear']) expect(atRest).not.toContain(secret);
    });
  });
}
