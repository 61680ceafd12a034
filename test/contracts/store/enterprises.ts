import { describe, expect, it } from 'vitest';
import { asAddress } from '../../../src/domain/activity.ts';
import type { Conversation } from '../../../src/domain/conversation.ts';
import type { Enterprise } from '../../../src/store/contract.ts';
import { aCitizen } from '../../factories/index.ts';
import { NOW, type Subject } from './support.ts';

const PHONE = '13800138000';
const OTHER = '13900139000';

export function enterpriseContract(subject: Subject): void {
  const anEnterprise = (over: Partial<Enterprise> = {}): Enterprise => ({ id: 'e1', name: '示范精密制造有限公司', creditCode: '91440000MA00000001', townId: null, seatId: 'seat-9', active: true, createdAt: NOW, updatedAt: NOW, ...over });
  const put = (enterprise: Enterprise, phones: readonly string[]) => subject().store.write((repos) => repos.enterprises.put(enterprise, phones));
  const call = (id: string, phone: string | null): Promise<Conversation> =>
    subject().store.write(async (repos) => {
      const citizenId = await repos.citizens.resolve(aCitizen({ id: `citizen ${id}`, phone, externalUserId: null }));
      if (phone !== null) await repos.enterprises.recognise(citizenId, phone, NOW);
      return repos.conversations.create({ id, channel: 'webchat', address: asAddress(`address ${id}`), modality: 'text', locale: 'zh-CN', citizenId, now: NOW });
    });

  describe('enterprises', () => {
    it('gives back what was put, and updates by the credit code', async () => {
      await put(anEnterprise(), [PHONE]);
      await put(anEnterprise({ id: 'e2', name: '示范精密制造股份有限公司', seatId: null, createdAt: NOW + 5, updatedAt: NOW + 5 }), [OTHER]);
      await subject().store.read(async ({ enterprises }) => {
        const stored = anEnterprise({ name: '示范精密制造股份有限公司', seatId: null, updatedAt: NOW + 5 });
        expect(await enterprises.get('e1')).toEqual(stored);
        expect(await enterprises.findByCreditCode(stored.creditCode)).toEqual(stored);
        expect([await enterprises.findByPhone(OTHER), await enterprises.findByPhone(PHONE), await enterprises.get('e2')]).toEqual([stored, null, null]);
      });
    });

    it('knows who calls from a number of theirs, and puts them before others in the queue', async () => {
      await put(anEnterprise(), [PHONE]);
      const [stranger, theirs] = [await call('c1', OTHER), await call('c2', PHONE)];
      expect([stranger.enterpriseId, theirs.enterpriseId]).toEqual([null, 'e1']);
      const { store } = subject();
      await store.write(async ({ conversations }) => {
        await conversations.update('c1', stranger.version, { owner: 'waiting', waitingSince: NOW });
        await conversations.update('c2', theirs.version, { owner: 'waiting', waitingSince: NOW + 60_000 });
      });
      expect((await store.read((repos) => repos.conversations.list({ owner: ['waiting'], limit: 10 }))).map(({ id }) => id)).toEqual(['c2', 'c1']);
      expect(await store.read((repos) => repos.enterprises.ofCitizen(theirs.citizenId))).toMatchObject({ id: 'e1' });
    });

    it('binds whom it finds among the citizens when a number is entered, and their open conversations with them', async () => {
      const before = await call('c1', PHONE);
      expect(before.enterpriseId).toBeNull();
      await put(anEnterprise(), [PHONE]);
      expect(await subject().store.read((repos) => repos.conversations.get('c1'))).toMatchObject({ enterpriseId: 'e1' });
      await subject().store.write((repos) => repos.enterprises.bind(before.citizenId, null, NOW));
      expect(await subject().store.read((repos) => repos.conversations.get('c1'))).toMatchObject({ enterpriseId: null });
    });

    it('does not know one that is not active any more', async () => {
      await put(anEnterprise(), [PHONE]);
      expect((await call('c0', PHONE)).enterpriseId).toBe('e1');
      await put(anEnterprise({ active: false }), [PHONE]);
      expect((await call('c1', PHONE)).enterpriseId).toBeNull();
      expect(await subject().store.read((repos) => repos.enterprises.findByPhone(PHONE))).toBeNull();
    });

    it('keeps no number readable', async () => {
      await put(anEnterprise(), [PHONE]);
      expect(JSON.stringify(await subject().raw('select * from enterprise_phones'))).not.toContain(PHONE);
    });

    it('lists by name and by the beginning of the code, page by page', async () => {
      for (let index = 1; index <= 5; index += 1) await put(anEnterprise({ id: `e${index}`, name: `第${index}电子厂`, creditCode: `9144000000000000${index}A` }), []);
      await subject().store.read(async ({ enterprises }) => {
        const page = await enterprises.list({ limit: 2 });
        expect([page.map(({ id }) => id), (await enterprises.list({ limit: 9, afterId: page.at(-1)?.id ?? '' })).map(({ id }) => id)]).toEqual([['e1', 'e2'], ['e3', 'e4', 'e5']]);
        expect((await enterprises.list({ text: '第3', limit: 9 })).map(({ id }) => id)).toEqual(['e3']);
        expect((await enterprises.list({ text: '91440000000000004a', limit: 9 })).map(({ id }) => id)).toEqual(['e4']);
        expect(await enterprises.list({ text: '%', limit: 9 })).toEqual([]);
      });
    });
  });
}
