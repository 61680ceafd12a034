import { describe, expect, it } from 'vitest';
import { asExternalId } from '../../../src/domain/activity.ts';
import type { Repositories } from '../../../src/store/contract.ts';
import { anActivityDraft, anOutboxDraft, aSeat } from '../../factories/index.ts';
import { makeConversation, NOW, type Subject } from './support.ts';

export function doorContract(subject: Subject): void {
  describe('the two doors', () => {
    it('gives back what the function returns', async () => {
      const { store } = subject();
      expect(await store.write(async () => 'written')).toBe('written');
      expect(await store.read(async () => 'read')).toBe('read');
      await expect(store.ping()).resolves.toBeUndefined();
    });

    it('undoes everything of a write that throws, sequences too', async () => {
      const { store } = subject();
      const conversation = await makeConversation(store);
      const failing = store.write(async (repos) => {
        await repos.activities.append(conversation.id, [anActivityDraft(), anActivityDraft()]);
        await repos.outbox.add([anOutboxDraft({ id: 'undone' })]);
        await repos.conversations.saveState(conversation.id, { step: 1 });
        await repos.conversations.update(conversation.id, conversation.version, { owner: 'waiting' });
        await repos.trail.append({ at: NOW, actor: 'system', action: 'test.done', subject: 'x:1', purpose: null });
        await repos.tickets.nextSequence('20261122');
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      await store.read(async (repos) => {
        expect(await repos.conversations.get(conversation.id)).toEqual(conversation);
        expect(await repos.activities.latest(conversation.id, 10)).toEqual([]);
        expect(await repos.conversations.loadState(conversation.id)).toBeNull();
        expect(await repos.conversations.counts()).toEqual({ bot: 1, waiting: 0, human: 0, closed: 0 });
        expect(await repos.outbox.pending('undone')).toBe(false);
        expect(await repos.trail.latest(1)).toEqual([]);
        expect(await repos.trail.verify()).toBeNull();
      });
      expect(await store.write((repos) => repos.tickets.nextSequence('20261122'))).toBe(1);
      const [first] = await store.write((repos) => repos.activities.append(conversation.id, [anActivityDraft()]));
      expect(first?.seq).toBe(1);
    });

    it('lets a read see only what is committed', async () => {
      const { store } = subject();
      const seen: (number | undefined)[] = [];
      const conversation = await makeConversation(store);
      const look = async (): Promise<void> => {
        seen.push((await store.read((repos) => repos.conversations.get(conversation.id)))?.lastSeq);
      };
      await Promise.all([
        look(),
        store.write(async (repos) => repos.activities.append(conversation.id, [anActivityDraft(), anActivityDraft()])),
        look(),
        store.write(async (repos) => {
          await repos.activities.append(conversation.id, [anActivityDraft()]);
          throw new Error('never mind');
        }).catch(() => undefined),
        look(),
      ]);
      await look();
      expect(seen.every((lastSeq) => lastSeq === 0 || lastSeq === 2)).toBe(true);
      expect(seen.at(-1)).toBe(2);
    });

    it('refuses a write through the read door', async () => {
      const { store } = subject();
      await expect(store.read((repos) => repos.outbox.add([anOutboxDraft()]))).rejects.toMatchObject({ name: 'AppError', code: 'store.read_only' });
      expect(await store.read((repos) => repos.outbox.counts(NOW))).toMatchObject({ ready: 0 });
    });

    it('refuses a write inside a write, and does not stop the next one', async () => {
      const { store } = subject();
      const nested = store.write(async (repos) => {
        await repos.outbox.add([anOutboxDraft({ id: 'outer' })]);
        await store.write((inner) => inner.outbox.add([anOutboxDraft({ id: 'inner' })]));
      });
      await expect(nested).rejects.toMatchObject({ name: 'AppError', code: 'store.slow_write' });
      await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'next' })]));
      expect(await store.read((repos) => repos.outbox.pending('outer'))).toBe(false);
      expect(await store.read((repos) => repos.outbox.pending('next'))).toBe(true);
    });

    it('refuses repositories that were carried out of their door', async () => {
      const { store } = subject();
      let carried: Repositories | null = null;
      await store.write(async (repos) => {
        carried = repos;
      });
      const late = async (repos: Repositories | null): Promise<unknown> => repos?.outbox.add([anOutboxDraft({ id: 'stray' })]);
      await expect(late(carried)).rejects.toMatchObject({ code: 'store.door_shut' });
      expect(await store.read((repos) => repos.outbox.pending('stray'))).toBe(false);
    });

    it('rolls back when a refused row was caught and ignored', async () => {
      const { store } = subject();
      const conversation = await makeConversation(store);
      const externalId = asExternalId('twice');
      await store.write((repos) => repos.activities.append(conversation.id, [anActivityDraft({ externalId })]));
      const ignoring = store.write(async (repos) => {
        await repos.outbox.add([anOutboxDraft({ id: 'beside' })]);
        await repos.activities.append(conversation.id, [anActivityDraft({ externalId })]).catch(() => []);
        return 'as if nothing had happened';
      });
      await expect(ignoring).rejects.toMatchObject({ code: 'activity.duplicate' });
      expect(await store.read((repos) => repos.outbox.pending('beside'))).toBe(false);
      expect((await store.read((repos) => repos.conversations.get(conversation.id)))?.lastSeq).toBe(1);
    });

    it('tells a broken rule of the tables without the values', async () => {
      const { store } = subject();
      const seat = aSeat({ username: 'zhangsan-secret' });
      await store.write((repos) => repos.seats.create(seat, 'hash-of-password'));
      const again = store.write((repos) => repos.seats.create({ ...seat, username: 'lisi-secret' }, 'hash-of-password'));
      const error: unknown = await again.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'AppError', code: 'store.constraint', status: 409, retry: 'never' });
      expect(error instanceof Error && JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toMatch(/lisi-secret|hash-of-password/);
    });

    it('serves many doors at once', async () => {
      const { store } = subject();
      const conversation = await makeConversation(store);
      const writes = Array.from({ length: 60 }, (_, index) => store.write((repos) => repos.activities.append(conversation.id, [anActivityDraft({ externalId: asExternalId(`at once ${index}`) })])));
      const reads = Array.from({ length: 60 }, () => store.read((repos) => repos.activities.latest(conversation.id, 100)));
      await Promise.all([...writes, ...reads]);
      const activities = await store.read((repos) => repos.activities.after(conversation.id, 0, 100));
      expect(activities.map((activity) => activity.seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
      for (const read of reads) {
        const seen = await read;
        expect(seen.map((activity) => activity.seq)).toEqual(seen.map((_, index) => index + 1));
      }
    });
  });
}
