import { describe, expect, it } from 'vitest';
import type { ChannelModule, Hook } from '../../src/channel/contract.ts';
import { createChannelRegistry } from '../../src/channel/registry.ts';
import { createFakePorts } from '../fakes/ports.ts';

const hook: Hook = {
  method: 'POST',
  path: '/hooks/sample',
  bodyLimitBytes: 1000,
  patienceMs: 1000,
  read: () => ({ kind: 'refused', status: 401, reason: 'no-signature' }),
  encodeReply: () => ({ status: 200, contentType: 'text/plain', body: '' }),
};

function sample(name: string, hooks: readonly Hook[], onStop: () => void = () => {}): ChannelModule {
  const capabilities = {
    modality: 'text', textLimit: 100, textLimitUnit: 'chars', choices: 'numbered', maxChoices: 9, attachmentsOut: false,
    links: 'text', typing: false, mergeTexts: false, delivery: 'pull', replyWindowMs: null, proactive: false,
  } as const;
  return { name, inbound: 'webhook', capabilities, settings: [], create: async () => ({ name, capabilities, status: { state: 'on' }, hooks, stop: async () => onStop() }) };
}

const start = { env: {}, publicUrl: 'https://hotline.example/', production: false, portsFor: () => createFakePorts({ now: () => 0 }) };

describe('channel registry', () => {
  it('lists in order and finds by name', async () => {
    const registry = createChannelRegistry();
    await registry.add(sample('one', []), start);
    await registry.add(sample('two', [hook]), start);
    expect(registry.list().map(({ channel }) => channel.name)).toEqual(['one', 'two']);
    expect(registry.get('two')?.channel.hooks).toEqual([hook]);
    expect(registry.get('three')).toBeUndefined();
  });

  it('refuses a name and a hook path that are taken, and stops the second', async () => {
    const registry = createChannelRegistry();
    let stopped = 0;
    await registry.add(sample('one', [hook]), start);
    await expect(registry.add(sample('one', []), start)).rejects.toMatchObject({ code: 'channel.duplicate' });
    await expect(registry.add(sample('two', [hook], () => (stopped += 1)), start)).rejects.toMatchObject({ code: 'channel.duplicate' });
    expect(stopped).toBe(1);
    expect(registry.list()).toHaveLength(1);
  });

  it('stops all in reverse, and one failure does not keep the others', async () => {
    const registry = createChannelRegistry();
    const order: string[] = [];
    await registry.add(sample('one', [], () => void order.push('one')), start);
    await registry.add(sample('two', [], () => { throw new Error('stuck'); }), start);
    await registry.add(sample('three', [], () => void order.push('three')), start);
    expect(await registry.stop()).toEqual(['two']);
    expect(order).toEqual(['three', 'one']);
    expect(registry.list()).toEqual([]);
  });

  it('hands the public URL on without a slash at its end', async () => {
    const registry = createChannelRegistry();
    let seen = '';
    const module = sample('one', []);
    await registry.add({ ...module, create: async (given) => { seen = given.publicUrl; return module.create(given); } }, start);
    expect(seen).toBe('https://hotline.example');
  });
});
