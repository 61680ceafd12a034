import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { expect, it } from 'vitest';
import { asAddress } from '../../src/domain/activity.ts';
import type { Channel, ChannelModule } from '../../src/channel/contract.ts';
import { createFakePorts, type FakePorts } from '../fakes/ports.ts';
import { bodyOf, forged, garbageBodies, rawRequest, type Fixture, type FixtureSettings } from './channel-fixtures.ts';

/** The part of the contract for channels that bring their own HTTP plugin (inbound `socket`). */

interface Served {
  readonly app: FastifyInstance;
  readonly ports: FakePorts;
}

async function serve(module: ChannelModule, settings: FixtureSettings, fixture: Fixture, env: Readonly<Record<string, string | undefined>> = {}): Promise<Served> {
  const ports = createFakePorts({ now: () => fixture.now });
  const channel = await module.create({
    env: { ...settings.env, ...fixture.env, ...env },
    publicUrl: settings.publicUrl,
    production: fixture.production ?? false,
    ports,
  });
  for (const address of fixture.given?.open ?? []) await ports.openConversation({ channel: module.name, address: asAddress(address), modality: module.capabilities.modality });
  const app = Fastify();
  app.addHook('onClose', async () => channel.stop?.());
  if (channel.plugin !== undefined) await app.register(channel.plugin);
  return { app, ports };
}

async function call(app: FastifyInstance, fixture: Fixture, change: { body?: Buffer; url?: string; headers?: Record<string, string> } = {}): Promise<LightMyRequestResponse> {
  const request = rawRequest(fixture, change);
  const headers = Object.fromEntries(Object.entries(request.headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  return app.inject({ method: fixture.request.method, url: request.url, headers, ...(fixture.request.method === 'POST' ? { payload: request.body } : {}) });
}

/** One request to a channel's plugin alone. */
export async function callPlugin(channel: Channel, fixture: Fixture): Promise<LightMyRequestResponse> {
  const app = Fastify();
  if (channel.plugin !== undefined) await app.register(channel.plugin);
  try {
    return await call(app, fixture);
  } finally {
    await app.close();
  }
}

export function describeSocketChannel(module: ChannelModule, settings: FixtureSettings, fixtures: readonly Fixture[]): void {
  const accepted = fixtures.filter((fixture) => fixture.expect.kind === 'inbound');

  it('has fixtures of an accepted request, a bad signature and an unknown type', () => {
    expect(accepted.length).toBeGreaterThan(0);
    expect(fixtures.some((fixture) => fixture.expect.kind === 'refused' && fixture.shows?.includes('bad-signature')), 'bad-signature').toBe(true);
    expect(fixtures.some((fixture) => fixture.shows?.includes('unknown-type')), 'unknown-type').toBe(true);
  });

  it.each(fixtures.map((fixture) => [`${fixture.file}: ${fixture.name}`, fixture] as const))('replays %s', async (_title, fixture) => {
    const { app, ports } = await serve(module, settings, fixture);
    try {
      const answer = await call(app, fixture);
      if (fixture.expect.kind !== 'collect' && fixture.expect.kind !== 'told' && fixture.expect.status !== undefined) expect(answer.statusCode).toBe(fixture.expect.status);
      if (fixture.expect.kind === 'inbound') {
        expect(answer.statusCode).toBeLessThan(400);
        expect(ports.received).toMatchObject(fixture.expect.activities);
        expect(ports.received).toHaveLength(fixture.expect.activities.length);
        for (const activity of ports.received) {
          expect(activity.channel).toBe(module.name);
          expect(activity.modality).toBe(module.capabilities.modality);
        }
        await checkRepeat(app, fixture, ports, answer);
        if (fixture.shows?.includes('unknown-type')) {
          expect(ports.received.some((activity) => activity.content.type === 'unsupported' && (activity.raw?.length ?? 0) > 0)).toBe(true);
        }
      } else {
        expect(ports.received).toEqual([]);
        if (fixture.expect.kind === 'refused') expect(answer.statusCode).toBeGreaterThanOrEqual(400);
        else expect(answer.statusCode).toBeLessThan(400);
        if (fixture.expect.kind === 'reply' && fixture.expect.body !== undefined) expect(answer.body).toBe(fixture.expect.body);
        if (fixture.expect.kind === 'reply' && fixture.expect.contentType !== undefined) expect(answer.headers['content-type']).toBe(fixture.expect.contentType);
      }
    } finally {
      await app.close();
    }
  });

  it.each(accepted.map((fixture) => [fixture.file, fixture] as const))('refuses garbage in the place of %s', async (_file, fixture) => {
    const { app, ports } = await serve(module, settings, fixture);
    try {
      for (const [what, body] of garbageBodies(2 * 1024 * 1024)) {
        if (body.equals(bodyOf(fixture))) continue;
        const answer = await call(app, fixture, { body });
        expect(answer.statusCode, what).toBeGreaterThanOrEqual(400);
        expect(answer.statusCode, what).toBeLessThan(500);
      }
      expect(ports.received).toEqual([]);
    } finally {
      await app.close();
    }
  });

  it('refuses every accepted request whose credentials are gone or altered', async () => {
    for (const fixture of accepted) {
      for (const how of ['stripped', 'altered'] as const) {
        const change = forged(fixture, how);
        expect(change, `${fixture.file} carries credentials`).not.toBeNull();
        if (change === null) continue;
        const { app, ports } = await serve(module, settings, fixture);
        const answer = await call(app, fixture, change);
        expect([401, 403], `${fixture.file} ${how}`).toContain(answer.statusCode);
        expect(ports.received).toEqual([]);
        await app.close();
      }
    }
  });

  it('accepts nothing while a required setting is missing', async () => {
    for (const setting of module.settings.filter((candidate) => candidate.required)) {
      for (const fixture of accepted) {
        const { app, ports } = await serve(module, settings, fixture, { [setting.name]: undefined });
        expect((await call(app, fixture)).statusCode).toBeGreaterThanOrEqual(400);
        expect(ports.received).toEqual([]);
        await app.close();
      }
    }
  });
}

/** The same request again: the same externalId, so the core keeps one; without an id both are kept. */
async function checkRepeat(app: FastifyInstance, fixture: Fixture, ports: FakePorts, first: LightMyRequestResponse): Promise<void> {
  const before = ports.received.length;
  const again = await call(app, fixture);
  if (ports.received.slice(0, before).every((activity) => activity.externalId === null)) return;
  expect(ports.received).toHaveLength(before);
  expect(again.statusCode).toBe(first.statusCode);
  expect(again.body, 'a repeat gets the same answer').toBe(first.body);
}
