import { expect, it } from 'vitest';
import { asAddress } from '../../src/domain/activity.ts';
import type { ChannelModule, OutgoingMessage } from '../../src/channel/contract.ts';
import { createFakePorts, type FakePorts } from '../fakes/ports.ts';
import { bodyOf, type Fixture, type FixtureSettings } from './channel-fixtures.ts';
import { hostileMessages, XML_FORBIDDEN } from './hostile.ts';
import type { SessionPeer } from './peer.ts';

/** The part of the contract for channels that open a connection themselves (inbound `session`): no request, no answer's bytes. */

export function describeSessionChannel(module: ChannelModule, settings: FixtureSettings, fixtures: readonly Fixture[], peerOf: () => SessionPeer | null): void {
  const accepted = fixtures.filter((fixture) => fixture.expect.kind === 'inbound');

  const withSession = async (fixture: Fixture, use: (peer: SessionPeer, ports: FakePorts, channel: Awaited<ReturnType<ChannelModule['create']>>) => Promise<void>): Promise<void> => {
    const peer = peerOf();
    if (peer === null) throw new Error('testing/peer.ts brings no session');
    const ports = createFakePorts({ now: () => fixture.now });
    const channel = await module.create({ env: { ...settings.env, ...fixture.env }, publicUrl: settings.publicUrl, production: fixture.production ?? false, ports });
    try {
      await peer.ready();
      await use(peer, ports, channel);
    } finally {
      await channel.stop?.();
    }
  };

  it('has fixtures of an accepted message, a dropped one and an unknown type', () => {
    expect(accepted.length).toBeGreaterThan(0);
    expect(fixtures.some((fixture) => fixture.expect.kind !== 'inbound'), 'dropped').toBe(true);
    expect(fixtures.some((fixture) => fixture.shows?.includes('unknown-type')), 'unknown-type').toBe(true);
  });

  it.each(fixtures.map((fixture) => [`${fixture.file}: ${fixture.name}`, fixture] as const))('replays %s', async (_title, fixture) => {
    await withSession(fixture, async (peer, ports) => {
      const body = bodyOf(fixture).toString('utf8');
      await peer.arrive(body);
      const expected = fixture.expect.kind === 'inbound' ? fixture.expect.activities : [];
      expect(ports.received).toMatchObject(expected);
      expect(ports.received).toHaveLength(expected.length);
      for (const activity of ports.received) {
        expect(activity.channel).toBe(module.name);
        expect(activity.modality).toBe(module.capabilities.modality);
        expect(activity.externalId, 'a message can be recognised').not.toBeNull();
      }
      if (fixture.shows?.includes('unknown-type')) expect(ports.received.some(({ content, raw }) => content.type === 'unsupported' && (raw?.length ?? 0) > 0)).toBe(true);
      await peer.arrive(body);
      expect(ports.received, 'the same message again').toHaveLength(expected.length);
    });
  });

  it('sends without forbidden characters, and a failing peer is a receipt', async () => {
    const [fixture] = accepted;
    if (fixture === undefined) throw new Error('needs an inbound fixture');
    await withSession(fixture, async (peer, ports, channel) => {
      await peer.arrive(bodyOf(fixture).toString('utf8'));
      const address = ports.received[0]?.address ?? asAddress('');
      const send = async (message: OutgoingMessage): Promise<string> => (await channel.send?.(message, { address, lastInboundAt: fixture.now, now: fixture.now }))?.status ?? 'none';
      const before = peer.sent.length;
      expect(await send(hostileMessages[0])).toBe('delivered');
      expect(peer.sent.length).toBeGreaterThan(before);
      for (const text of peer.sent.slice(before)) expect(XML_FORBIDDEN.test(text)).toBe(false);
      peer.failSends(hostileMessages.length);
      for (const message of hostileMessages) expect(['retry', 'failed']).toContain(await send(message));
      expect(['retry', 'failed'], 'nobody is there').toContain((await channel.send?.(hostileMessages[0], { address: asAddress('nobody'), lastInboundAt: null, now: fixture.now }))?.status);
    });
  });

  it('sends nothing, and says so, before its session is up', async () => {
    const [fixture] = accepted;
    const ports = createFakePorts({ now: () => fixture?.now ?? 0 });
    const channel = await module.create({ env: settings.env, publicUrl: settings.publicUrl, production: false, ports });
    const receipt = await channel.send?.(hostileMessages[0], { address: asAddress('somebody'), lastInboundAt: 0, now: 0 });
    expect(['retry', 'failed']).toContain(receipt?.status);
    await channel.stop?.();
  });
}
