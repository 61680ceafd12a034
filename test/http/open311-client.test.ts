import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openItems } from '../../src/domain/lanes.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { addPartner, openPartnerDoor } from '../support/open311.ts';
import { openReceiver } from '../support/receiver.ts';

/** The client's folder: OPEN311_CLIENT (docs/open311.md says how to make one), or the checkout when the package is installed in it. */
const folder = [process.env['OPEN311_CLIENT'] ?? '', fileURLToPath(new URL('../.cache/open311', import.meta.url)), fileURLToPath(new URL('../..', import.meta.url))].find((path) => path !== '' && existsSync(join(path, 'node_modules', 'open311', 'package.json'))) ?? null;
const script = fileURLToPath(new URL('../support/open311-client.cjs', import.meta.url));

interface Answer<Data> {
  readonly error: unknown;
  readonly data: Data;
}
interface Heard {
  readonly discovery: Answer<{ endpoints: object[] }>;
  readonly endpoint: string;
  readonly services: Answer<{ service_code: string }[]>;
  readonly definition: Answer<{ service_code: string; attributes: { code: string }[] }>;
  readonly first: Answer<{ service_request_id: string }[]>;
  readonly second: Answer<{ service_request_id: string }[]>;
  readonly stranger: Answer<string>;
  readonly one: Answer<{ service_request_id: string; updated_datetime: string }[]>;
  readonly many: Answer<{ service_request_id: string }[]>;
  readonly token: Answer<{ service_request_id: string; token: string }[]>;
}

describe.skipIf(folder === null)('the npm client open311 0.0.12', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let heard: Heard;
  let empty: string;
  beforeAll(async () => {
    intake = await openIntake();
    // What it is told at the discovery is where it goes: the port has to be known before.
    const { port, close } = await openReceiver();
    await close();
    const url = `http://127.0.0.1:${port}`;
    app = await openPartnerDoor(intake, { jurisdiction: 'dg.gov.cn', publicUrl: url });
    await app.listen({ host: '127.0.0.1', port });
    const { key } = await addPartner(intake);
    // In the place of two packages that cannot be installed any more, and are not called for JSON.
    empty = mkdtempSync(join(tmpdir(), 'yihu-open311-'));
    for (const name of ['sparkxml', 'xml2json']) writeFileSync(join(empty, `${name}.js`), '');
    const { stdout } = await promisify(execFile)(process.execPath, [script, folder ?? '', url, key], { timeout: 60_000, env: { ...process.env, NODE_PATH: empty } });
    heard = JSON.parse(stdout) as Heard;
  });
  afterAll(async () => {
    rmSync(empty, { recursive: true, force: true });
    await app.close();
    await intake.close();
  });

  it('discovers, lists and reads a definition', () => {
    expect(heard.discovery.error).toBe(false);
    expect(heard.endpoint).toMatch(/\/open311\/v2\/$/);
    expect(heard.services.data.length).toBe(openItems(intake.context.city.items).length + 1);
    expect(heard.definition.data).toMatchObject({ service_code: heard.services.data[0]?.service_code, attributes: expect.arrayContaining([expect.objectContaining({ code: 'town' })]) });
  });

  it('reports, and is refused with a key that is none', async () => {
    const [id] = heard.first.data.map((request) => request.service_request_id);
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(id ?? ''));
    expect(ticket).toMatchObject({ content: '工地半夜还在打桩\nA1：x\nB：m1、m2', place: '望京街 （WGS-84 22.960000,113.780000）' });
    expect(heard.second.data[0]?.service_request_id).not.toBe(id);
    expect([heard.stranger.error, heard.stranger.data]).toEqual([403, expect.stringContaining('"code":403')]);
  });

  it('finds one, many and a token', () => {
    const ids = [heard.first, heard.second].map(({ data }) => data[0]?.service_request_id);
    expect(heard.one.data).toMatchObject([{ service_request_id: ids[0] }]);
    expect(Number.isNaN(Date.parse(heard.one.data[0]?.updated_datetime ?? ''))).toBe(false);
    expect(heard.many.data.map((request) => request.service_request_id).toSorted()).toEqual(ids.toSorted());
    expect(heard.token.data).toEqual([{ token: ids[0], service_request_id: ids[0] }]);
  });
});
