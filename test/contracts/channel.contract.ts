import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, ChannelModule, Hook, HookOutcome, HookReading, OutgoingMessage } from '../../src/channel/contract.ts';
import type { Address } from '../../src/domain/activity.ts';
import { createFakePorts, type FakePorts } from '../fakes/ports.ts';
import { bodyOf, forged, garbageBodies, loadFixtures, loadSettings, rawRequest, type Fixture, type FixtureSettings } from './channel-fixtures.ts';
import { hostileMessages, XML_FORBIDDEN } from './hostile.ts';
import type { ChannelPeer } from './peer.ts';
import { describeSessionChannel } from './session-channel.contract.ts';
import { callPlugin, describeSocketChannel } from './socket-channel.contract.ts';
import { startStandIn, type StandInManner } from './stand-in.ts';

/** Everything every channel promises, whatever it speaks. See README.md beside this file. */

export interface ChannelUnderTest {
  readonly channel: Channel;
  readonly ports: FakePorts;
}

/** Creates the channel as main does, from the fixtures' settings. */
export async function createFromFixtures(
  module: ChannelModule,
  settings: FixtureSettings,
  change: { env?: Readonly<Record<string, string | undefined>>; production?: boolean | undefined; now?: number } = {},
): Promise<ChannelUnderTest> {
  const ports = createFakePorts({ now: () => change.now ?? 1_790_000_000_000 });
  const env = { ...settings.env, ...change.env };
  const channel = await module.create({ env, publicUrl: settings.publicUrl, production: change.production ?? false, ports });
  return { channel, ports };
}

/** @param openPeer of `testing/peer.ts`, for channels that need somebody to talk to before they can judge a request */
export function describeChannel(name: string, folder: string, module: ChannelModule | undefined, openPeer: (() => Promise<ChannelPeer>) | null = null): void {
  describe(`channel ${name}`, () => {
    it('has README.md, fixtures and an index.ts that exports `channel` under the folder’s name', () => {
      expect(module, 'index.ts exports `channel`').toBeDefined();
      expect(module?.name).toBe(name);
      expect(existsSync(join(folder, 'README.md')), 'README.md').toBe(true);
      expect(readFileSync(join(folder, 'README.md'), 'utf8').length).toBeGreaterThan(400);
      expect(loadFixtures(folder).length, 'fixtures/inbound/*.json').toBeGreaterThan(0);
      expect(Object.keys(loadSettings(folder).env).length).toBeGreaterThan(0);
    });
    if (module === undefined || !existsSync(join(folder, 'fixtures', 'inbound')) || !existsSync(join(folder, 'fixtures', 'settings.json'))) return;
    const settings = loadSettings(folder);
    const fixtures = loadFixtures(folder);
    let peer: ChannelPeer | null = null;
    beforeAll(async () => {
      peer = (await openPeer?.()) ?? null;
      // The addresses of its ports are known only now.
      Object.assign(settings.env, peer?.env);
    });
    afterAll(async () => peer?.close());
    describeModule(module, settings, folder);
    describeSettings(module, settings);
    if (module.inbound === 'webhook') describeHooks(module, settings, fixtures);
    if (module.inbound === 'socket') describeSocketChannel(module, settings, fixtures);
    if (module.inbound === 'session') describeSessionChannel(module, settings, fixtures, () => peer?.session ?? null);
    else if (module.capabilities.delivery === 'push') describePush(module, settings, fixtures);
  });
}

function describeModule(module: ChannelModule, settings: FixtureSettings, folder: string): void {
  it('says sane things about what it can carry', async () => {
    const { capabilities } = module;
    expect(capabilities.textLimit).toBeGreaterThanOrEqual(20);
    expect(capabilities.maxChoices).toBeGreaterThanOrEqual(1);
    expect(capabilities.replyWindowMs === null || capabilities.replyWindowMs > 0).toBe(true);
    expect(capabilities.modality === 'voice').toBe(capabilities.choices === 'keys');
    if (capabilities.modality === 'voice') expect(capabilities.links).toBe('none');
    const { channel } = await createFromFixtures(module, settings);
    expect(channel.name).toBe(module.name);
    expect(channel.capabilities).toEqual(capabilities);
    expect(channel.status).toEqual({ state: 'on' });
    expect(channel.send !== undefined).toBe(capabilities.delivery === 'push');
    expect((channel.hooks?.length ?? 0) > 0).toBe(module.inbound === 'webhook');
    expect(channel.plugin !== undefined).toBe(module.inbound === 'socket');
    for (const hook of channel.hooks ?? []) {
      expect(hook.path).toMatch(/^\/hooks\/[a-z0-9/-]+$/);
      expect(hook.bodyLimitBytes).toBeGreaterThan(0);
      expect(hook.bodyLimitBytes).toBeLessThanOrEqual(12 * 1024 * 1024);
      expect(hook.patienceMs).toBeGreaterThanOrEqual(0);
      expect(hook.patienceMs).toBeLessThan(15_000);
    }
    await channel.stop?.();
  });

  it('names every setting in its README.md', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const setting of module.settings) expect(readme).toContain(setting.name);
  });
}

function describeSettings(module: ChannelModule, settings: FixtureSettings): void {
  it('reads every declared setting and no other', async () => {
    const declared = new Set(module.settings.map((setting) => setting.name));
    const read = new Set<string>();
    const env = new Proxy<Record<string, string | undefined>>({ ...settings.env }, {
      get: (target, key) => {
        if (typeof key !== 'string') return undefined;
        read.add(key);
        return target[key];
      },
    });
    const ports = createFakePorts({ now: () => 1_790_000_000_000 });
    const channel = await module.create({ env, publicUrl: settings.publicUrl, production: false, ports });
    await channel.stop?.();
    expect([...read].sort()).toEqual([...declared].sort());
    for (const name of Object.keys(settings.env)) expect(declared.has(name), `${name} in fixtures/settings.json is a declared setting`).toBe(true);
    for (const setting of module.settings) expect(setting.about.length).toBeGreaterThan(0);
  });

  const required = module.settings.filter((setting) => setting.required);
  it.each(required.map((setting) => [setting.name] as const))('is off and says so without %s', async (missing) => {
    for (const value of [undefined, '', '  ']) {
      const { channel } = await createFromFixtures(module, settings, { env: { [missing]: value } });
      expect(channel.status.state).toBe('off');
      expect(channel.status.state === 'off' ? channel.status.missing : []).toContain(missing);
      await channel.stop?.();
    }
  });
}

function hookFor(channel: Channel, fixture: Fixture): Hook {
  const path = new URL(fixture.request.url, 'http://fixture.invalid').pathname;
  const hook = channel.hooks?.find((candidate) => candidate.method === fixture.request.method && candidate.path === path);
  if (hook === undefined) throw new Error(`${fixture.file}: no hook for ${fixture.request.method} ${path}`);
  return hook;
}

function externalIds(reading: HookReading): readonly (string | null)[] {
  if (reading.kind === 'inbound') return reading.activities.map((activity) => activity.externalId);
  return reading.kind === 'collect' ? [reading.externalId] : [];
}

function describeHooks(module: ChannelModule, settings: FixtureSettings, fixtures: readonly Fixture[]): void {
  const accepted = fixtures.filter((fixture) => fixture.expect.kind === 'inbound' || fixture.expect.kind === 'collect');
  const open = (fixture: Fixture): Promise<ChannelUnderTest> =>
    createFromFixtures(module, settings, { env: fixture.env ?? {}, production: fixture.production, now: fixture.now });

  it('has fixtures of an accepted request, a bad signature and an unknown type', () => {
    expect(accepted.length).toBeGreaterThan(0);
    expect(fixtures.some((fixture) => fixture.expect.kind === 'refused' && fixture.shows?.includes('bad-signature')), 'bad-signature').toBe(true);
    const unknown = fixtures.filter((fixture) => fixture.shows?.includes('unknown-type'));
    expect(unknown.length, 'unknown-type').toBeGreaterThan(0);
  });

  it.each(fixtures.map((fixture) => [`${fixture.file}: ${fixture.name}`, fixture] as const))('replays %s', async (_title, fixture) => {
    const { channel, ports } = await open(fixture);
    const hook = hookFor(channel, fixture);
    const request = rawRequest(fixture);
    const before = structuredClone({ ...request, body: request.body.toString('base64') });
    const reading = hook.read(request, fixture.now);
    if (fixture.expect.kind === 'inbound') {
      const { activities, answerWhen } = fixture.expect;
      expect(reading).toMatchObject({ kind: 'inbound', activities, ...(answerWhen === undefined ? {} : { answerWhen }) });
    } else if (fixture.expect.kind === 'reply') {
      const { kind, ...reply } = fixture.expect;
      expect(reading).toMatchObject({ kind, reply });
    } else {
      expect(reading).toMatchObject(fixture.expect);
    }
    expect(hook.read(request, fixture.now), 'decode is pure').toEqual(reading);
    expect({ ...request, body: request.body.toString('base64') }, 'the request is left as it was').toEqual(before);
    expect(ports.received, 'read stores nothing').toEqual([]);
    const later = hook.read(request, fixture.now + 1000);
    if (later.kind === reading.kind) expect(externalIds(later), 'a retry is the same message').toEqual(externalIds(reading));
    if (reading.kind === 'inbound') for (const activity of reading.activities) checkInbound(module, activity);
    if (fixture.shows?.includes('unknown-type')) checkUnknown(reading);
    await channel.stop?.();
  });

  it.each(accepted.filter((fixture) => fixture.request.method === 'POST').map((fixture) => [fixture.file, fixture] as const))('refuses garbage in the place of %s', async (_file, fixture) => {
    const { channel } = await open(fixture);
    const hook = hookFor(channel, fixture);
    for (const [what, body] of garbageBodies(hook.bodyLimitBytes)) {
      if (body.equals(bodyOf(fixture))) continue;
      const reading = hook.read(rawRequest(fixture, { body }), fixture.now);
      expect(reading.kind, what).toBe('refused');
      if (reading.kind === 'refused') expect(reading.reason, what).toMatch(/^[a-z][a-z0-9._ -]{0,60}$/);
    }
    await channel.stop?.();
  });

  it('refuses every accepted request whose signature is gone or altered', async () => {
    let tried = 0;
    for (const fixture of accepted) {
      const { channel } = await open(fixture);
      for (const how of ['stripped', 'altered'] as const) {
        const change = forged(fixture, how);
        if (change === null) continue;
        tried += 1;
        expect(hookFor(channel, fixture).read(rawRequest(fixture, change), fixture.now).kind, `${fixture.file} ${how}`).toBe('refused');
      }
      await channel.stop?.();
    }
    expect(tried).toBeGreaterThan(0);
  });

  it('accepts nothing while a required setting is missing', async () => {
    for (const setting of module.settings.filter((candidate) => candidate.required)) {
      for (const fixture of accepted) {
        const { channel } = await createFromFixtures(module, settings, { env: { ...fixture.env, [setting.name]: undefined }, now: fixture.now });
        for (const hook of channel.hooks ?? []) {
          if (hook.method !== fixture.request.method || hook.path !== new URL(fixture.request.url, 'http://fixture.invalid').pathname) continue;
          expect(['refused', 'reply'], `${fixture.file} without ${setting.name}`).toContain(hook.read(rawRequest(fixture), fixture.now).kind);
        }
        await channel.stop?.();
      }
    }
  });

  it('never lets a forbidden character or foreign markup out in a reply', async () => {
    for (const fixture of accepted) {
      const { channel } = await open(fixture);
      const hook = hookFor(channel, fixture);
      for (const turn of ['done', 'late', 'not-awaited'] as const) {
        for (const conversation of ['bot', 'waiting', 'human', 'closed'] as const) {
          for (const messages of [[], hostileMessages] satisfies (readonly OutgoingMessage[])[]) {
            checkReply(hook, fixture, { messages, turn, conversation });
          }
        }
      }
      await channel.stop?.();
    }
  });
}

function checkInbound(module: ChannelModule, activity: { channel: string; address: string; modality: string }): void {
  expect(activity.channel).toBe(module.name);
  expect(activity.address.length).toBeGreaterThan(0);
  expect(activity.modality).toBe(module.capabilities.modality);
}

function checkUnknown(reading: HookReading): void {
  if (reading.kind === 'reply') return;
  expect(reading.kind).toBe('inbound');
  const unsupported = reading.kind === 'inbound' ? reading.activities.filter((activity) => activity.content.type === 'unsupported') : [];
  expect(unsupported.length).toBeGreaterThan(0);
  for (const activity of unsupported) expect(activity.raw?.length ?? 0, 'the payload is kept raw').toBeGreaterThan(0);
}

function checkReply(hook: Hook, fixture: Fixture, outcome: HookOutcome): void {
  const reply = hook.encodeReply(rawRequest(fixture), outcome);
  const where = `${fixture.file} ${outcome.turn} ${outcome.conversation}`;
  expect([200, 204], where).toContain(reply.status);
  if (reply.status === 204) expect(reply.body, where).toBe('');
  expect(XML_FORBIDDEN.test(reply.body), `${where}: forbidden character`).toBe(false);
  if (!/xml/.test(reply.contentType) || reply.body === '') return;
  expect(XMLValidator.validate(reply.body), `${where}: well-formed`).toBe(true);
  expect(elementNames(new XMLParser({ processEntities: false }).parse(reply.body)), where).not.toContain('injected');
}

function elementNames(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(elementNames);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, child]) => [name, ...elementNames(child)]);
}

/** Where the fixture's message came from, once the channel has it. */
async function addressOf(channel: Channel, ports: FakePorts, fixture: Fixture): Promise<Address | undefined> {
  if (channel.plugin !== undefined) {
    await callPlugin(channel, fixture);
    return ports.received[0]?.address;
  }
  const reading = hookFor(channel, fixture).read(rawRequest(fixture), fixture.now);
  return reading.kind === 'inbound' ? reading.activities[0]?.address : undefined;
}

function describePush(module: ChannelModule, settings: FixtureSettings, fixtures: readonly Fixture[]): void {
  const base = module.settings.filter((setting) => setting.name.endsWith('_API_BASE')).map((setting) => setting.name);
  const sendAll = async (manner: StandInManner): Promise<{ statuses: string[]; bodies: readonly string[] }> => {
    const standIn = await startStandIn(manner);
    try {
      const fixture = fixtures.find((candidate) => candidate.expect.kind === 'inbound');
      const now = fixture?.now ?? 0;
      const { channel, ports } = await createFromFixtures(module, settings, { env: { ...fixture?.env, [base[0] ?? '']: standIn.base }, now });
      const address = fixture === undefined ? undefined : await addressOf(channel, ports, fixture);
      if (address === undefined || channel.send === undefined) throw new Error('needs an inbound fixture and a send');
      const statuses: string[] = [];
      for (const message of hostileMessages) {
        const receipt = await channel.send(message, { address, lastInboundAt: now, now });
        statuses.push(receipt.status);
      }
      await channel.stop?.();
      return { statuses, bodies: standIn.bodies };
    } finally {
      await standIn.close();
    }
  };

  it('has one setting for the address of the peer’s API', () => expect(base).toHaveLength(1));

  it('sends without forbidden characters', async () => {
    const { statuses, bodies } = await sendAll('well');
    expect(statuses[0]).toBe('delivered');
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) {
      expect(XML_FORBIDDEN.test(body)).toBe(false);
      expect(/\\u00(0[0-8bcef]|1[0-9a-f])/i.test(body), 'nor escaped ones').toBe(false);
    }
  });

  it.each(['nonsense', 'error-500', 'hangs-up'] as const)('answers with a receipt when the peer %s', async (manner) => {
    const { statuses } = await sendAll(manner);
    expect(statuses).toHaveLength(hostileMessages.length);
    for (const status of statuses) expect(['retry', 'failed']).toContain(status);
  });
}
