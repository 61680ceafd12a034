import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runOutbound } from '../../src/cli/outbound.ts';
import { runOutboundSim } from '../../src/cli/sim/outbound.ts';
import { createStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/contract.ts';
import { createVault } from '../../src/store/vault.ts';
import { putTables } from '../support/sqlite-template.ts';

const KEY = Buffer.alloc(32, 7);
let folder: string;
let store: Store;
let said: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-outbound-'));
  await putTables(folder);
  vi.stubEnv('VAULT_KEY', KEY.toString('base64'));
  store = await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(KEY) });
  said = '';
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  await store.write(async ({ campaigns }) => {
    await campaigns.insert({ id: 'p1', name: '十一月回访', purpose: 'visit', flow: 'outboundVisit', channel: 'ivr-twilio', words: null, query: null, state: 'draft', concurrency: 2, attempts: 3, retryAfterMinutes: 60, hours: ['09:00-12:00'], workdaysOnly: true, createdBy: 's1', createdAt: 1_795_330_800_000, startedAt: null, endedAt: null });
    await campaigns.addTargets([{ id: 't1', campaignId: 'p1', citizenId: 'c1', ticketId: null, state: 'waiting', code: null, attempts: 1, nextAt: 1, keys: { process: '1' }, result: {}, endedAt: null }]);
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const told = async (...argv: readonly string[]): Promise<{ readonly code: number; readonly facts: unknown }> => {
  said = '';
  const code = await runOutbound([...argv, '--data-dir', folder, '--json']);
  return { code, facts: JSON.parse(said) };
};

describe('yihu outbound', () => {
  it('starts, pauses and stops what the gateway drives, and says how far it is', async () => {
    expect(await told('list')).toMatchObject({ code: 0, facts: { ok: true, campaigns: [{ id: 'p1', state: 'draft', total: 1, done: 0 }] } });
    expect(await told('run', 'p1', '--no-wait')).toMatchObject({ code: 0, facts: { state: 'running' } });
    // The row by which the gateway finds it.
    expect(await store.read((repos) => repos.outbox.pending('campaign:p1'))).toBe(true);
    expect(await told('pause', 'p1')).toMatchObject({ code: 0, facts: { state: 'paused' } });
    expect(await told('show', 'p1')).toMatchObject({ code: 0, facts: { targets: [{ state: 'waiting', keys: { process: '1' }, calls: [] }] } });
    expect(await told('stop', 'p1')).toMatchObject({ code: 0, facts: { state: 'stopped', done: 1, tally: { skipped: 1 } } });
    // Over is over: a stopped one is no success of `run`, and cannot be moved.
    expect(await told('run', 'p1')).toMatchObject({ code: 1, facts: { ok: false, state: 'stopped' } });
    expect(await told('pause', 'p1')).toMatchObject({ code: 1, facts: { ok: false, code: 'campaign.wrong_state' } });
    expect((await store.read((repos) => repos.trail.latest(5))).map(({ actor, action }) => [actor, action])).toContainEqual(['cli', 'campaign.paused']);
  });

  it('says what is wrong with how it was called', async () => {
    expect(await told('show', 'nobody')).toMatchObject({ code: 1, facts: { code: 'campaign.not_found' } });
    expect(await runOutbound(['dial'])).toBe(2);
    expect(await runOutbound(['run'])).toBe(2);
    said = '';
    expect(await runOutbound(['list', '--data-dir', folder])).toBe(0);
    expect(said).toContain('十一月回访');
    expect(said).toContain('0/1');
  });
});

describe('npm run sim -- phone --outbound', () => {
  it('takes an order as the platform does, and says what is wrong with its arguments', async () => {
    const text: string[] = [];
    const io = { input: process.stdin, output: { write: (one: string) => text.push(one) }, errors: { write: (one: string) => text.push(one) }, env: {} };
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const asked: Promise<Response>[] = [];
    const code = await runOutboundSim(['--outbound', '--port', '0', '--json'], io, stopped, ({ url }) => {
      const sid = `AC${'0'.repeat(32)}`;
      const form = new URLSearchParams({ To: '+8613800138001', From: '+8676900012345', Url: 'http://127.0.0.1:1/v?call=k1', StatusCallback: 'http://127.0.0.1:1/s?call=k1', StatusCallbackEvent: 'completed' });
      const order = (password: string) => fetch(`${url}/2010-04-01/Accounts/${sid}/Calls.json`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${sid}:${password}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' }, body: form });
      asked.push(order('wrong'), order('simulator-auth-token'));
      void Promise.all(asked).then(stop);
    });
    expect(code).toBe(0);
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([401, 201]);
    expect(text.join('')).toContain('"fate":"machine","event":"ordered"');
    expect(await runOutboundSim(['--outbound', '--keys', 'abc'], io, Promise.resolve())).toBe(2);
    expect(await runOutboundSim(['--outbound', '--what'], io, Promise.resolve())).toBe(2);
  });
});
