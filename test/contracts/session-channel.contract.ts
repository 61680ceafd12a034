import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAddress, type Address, type InboundActivity } from '../../src/domain/activity.ts';
import type { Channel, ChannelModule, OutgoingMessage } from '../../src/channel/contract.ts';
import { createFakePorts, type FakePorts } from '../fakes/ports.ts';
import { until } from '../support/until.ts';
import { bodyOf, type Fixture, type FixtureSettings } from './channel-fixtures.ts';
import { hostileMessages, XML_FORBIDDEN } from './hostile.ts';
import type { SessionPeer } from './peer.ts';

/**
 * The part of the contract for channels that open a connection themselves (inbound `session`): no request, no answer's bytes. All
 * fixtures go through one session, as opening one is dear; their clock is the first one's.
 */
export function describeSessionChannel(module: ChannelModule, settings: FixtureSettings, fixtures: readonly Fixture[], peerOf: () => SessionPeer | null): void {
  it('has fixtures of an accepted message, a dropped one and an unknown type, all at one time', () => {
    expect(fixtures.some((fixture) => fixture.expect.kind === 'inbound')).toBe(true);
    expect(fixtures.some((fixture) => fixture.expect.kind !== 'inbound'), 'dropped').toBe(true);
    expect(fixtures.some((fixture) => fixture.shows?.includes('unknown-type')), 'unknown-type').toBe(true);
    expect(new Set(fixtures.map(({ now }) => now)).size).toBe(1);
  });

  describe('with its session', () => {
    const now = fixtures[0]?.now ?? 0;
    let ports: FakePorts;
    let channel: Channel;
    let peer: SessionPeer;
    let probes = 0;

    const send = async (message: OutgoingMessage, address: Address): Promise<string> => (await channel.send?.(message, { address, lastInboundAt: now, now }))?.status ?? 'none';
    const isProbe = ({ content }: InboundActivity): boolean => content.type === 'message' && content.text.startsWith('probe-');
    const heard = (): InboundActivity[] => ports.received.filter((activity) => !isProbe(activity));
    /** Resolves when everything that came is stored or dropped. */
    const settled = async (atLeast: number): Promise<void> => {
      await until(async () => heard().length >= atLeast, 'the fixture to be stored');
      const text = `probe-${(probes += 1)}`;
      peer.probe(text, now);
      await until(async () => ports.received.some(({ content }) => content.type === 'message' && content.text === text), 'the probe to be stored');
    };

    beforeAll(async () => {
      const found = peerOf();
      if (found === null) throw new Error('testing/peer.ts brings no session');
      peer = found;
      ports = createFakePorts({ now: () => now });
      channel = await module.create({ env: settings.env, publicUrl: settings.publicUrl, production: false, ports });
      expect(['retry', 'failed'], 'before the session is up').toContain(await send(hostileMessages[0], asAddress('somebody')));
      await peer.ready();
      await settled(0);
    });
    afterAll(async () => channel.stop?.());

    it.each(fixtures.map((fixture) => [`${fixture.file}: ${fixture.name}`, fixture] as const))('replays %s', async (_title, fixture) => {
      const before = heard().length;
      const expected = fixture.expect.kind === 'inbound' ? fixture.expect.activities : [];
      const body = bodyOf(fixture).toString('utf8');
      peer.arrive(body);
      await settled(before + expected.length);
      const stored = heard().slice(before);
      expect(stored).toMatchObject(expected);
      expect(stored).toHaveLength(expected.length);
      for (const activity of stored) {
        expect(activity.channel).toBe(module.name);
        expect(activity.modality).toBe(module.capabilities.modality);
        expect(activity.externalId, 'a message can be recognised').not.toBeNull();
      }
      if (fixture.shows?.includes('unknown-type')) expect(stored.some(({ content, raw }) => content.type === 'unsupported' && (raw?.length ?? 0) > 0)).toBe(true);
      peer.arrive(body);
      await settled(before + expected.length);
      expect(heard(), 'the same message again').toHaveLength(before + expected.length);
    });

    it('sends without forbidden characters, and a failing peer is a receipt', async () => {
      const address = ports.received[0]?.address ?? asAddress('');
      const before = peer.sent.length;
      expect(await send(hostileMessages[0], address)).toBe('delivered');
      await until(async () => peer.sent.length > before, 'the message at the peer');
      for (const text of peer.sent.slice(before)) expect(XML_FORBIDDEN.test(text)).toBe(false);
      peer.failSends(hostileMessages.length);
      for (const message of hostileMessages) expect(['retry', 'failed']).toContain(await send(message, address));
      expect(['retry', 'failed'], 'nobody is there').toContain(await send(hostileMessages[0], asAddress('nobody')));
    });
  });
}
