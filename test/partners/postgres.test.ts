import { afterAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../src/store/drivers/postgres.ts';
import { testVault } from '../store/support.ts';
import { city, openIntake } from '../support/intake.ts';
import { addPartner, form, FORM, openPartnerDoor } from '../support/open311.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';

/** Equal reports at one moment only meet where writers are beside each other. */
const server = await postgresForTests();

if (server === null) {
  describe.skip('partners on PostgreSQL', () => {
    it(POSTGRES_MISSING, () => {});
  });
} else {
  afterAll(() => server.close());

  describe('partners on PostgreSQL', () => {
    it('a report that comes many times at once becomes one ticket, and every one gets the same answer', async () => {
      const { url, drop } = await server.migrated();
      const store = await openPostgresStore({ url, vault: testVault(), connections: 8 });
      const intake = await openIntake();
      const app = await openPartnerDoor({ ...intake, store }, { context: { ...intake.context, store } });
      try {
        const { key } = await addPartner({ ...intake, store });
        const send = async (fields: Record<string, string>) => {
          const payload = form({ api_key: key, service_code: city.items[0]?.code ?? '', description: '同一件事', address_string: '东城大道', ...fields });
          return Promise.all(Array.from({ length: 12 }, () => app.inject({ method: 'POST', url: '/open311/v2/requests.json', headers: FORM, payload })));
        };
        const reports: Record<string, string>[] = [{}, { yihu_external_number: 'SZ-1' }];
        for (const fields of reports) {
          const answers = await send(fields);
          expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 12 }, () => 200));
          expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
        }
        expect(await store.read((repos) => repos.tickets.list({ limit: 10 }))).toHaveLength(2);
      } finally {
        await app.close();
        await intake.close();
        await store.close();
        await drop();
      }
    });
  });
}
