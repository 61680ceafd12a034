import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ChannelModule } from '../../src/channel/contract.ts';
import { describeChannel } from './channel.contract.ts';
import type { ChannelPeer } from './peer.ts';

/** Finds the channels by their folders; nothing to register. */
const root = fileURLToPath(new URL('../../channels', import.meta.url));
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe('channels', () => {
  it('are found', () => expect(folders).toContain('webchat'));
});

for (const name of folders) {
  const folder = join(root, name);
  describeChannel(name, folder, await load(folder), await loadPeer(folder));
}

async function load(folder: string): Promise<ChannelModule | undefined> {
  const entry = join(folder, 'index.ts');
  if (!existsSync(entry)) return undefined;
  const exports: unknown = await import(pathToFileURL(entry).href);
  return typeof exports === 'object' && exports !== null && 'channel' in exports && isChannelModule(exports.channel) ? exports.channel : undefined;
}

async function loadPeer(folder: string): Promise<(() => Promise<ChannelPeer>) | null> {
  const entry = join(folder, 'testing', 'peer.ts');
  if (!existsSync(entry)) return null;
  const exports: unknown = await import(pathToFileURL(entry).href);
  return typeof exports === 'object' && exports !== null && 'openPeer' in exports && isOpenPeer(exports.openPeer) ? exports.openPeer : null;
}

function isOpenPeer(value: unknown): value is () => Promise<ChannelPeer> {
  return typeof value === 'function';
}

function isChannelModule(value: unknown): value is ChannelModule {
  return typeof value === 'object' && value !== null && 'create' in value && typeof value.create === 'function' && 'capabilities' in value && 'settings' in value;
}
