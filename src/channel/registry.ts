import { AppError } from '../domain/errors.ts';
import type { Channel, ChannelModule, ChannelPorts } from './contract.ts';

/**
 * The channels of this process. `main.ts` (and nobody else in `src/`) knows the folders in `channels/` and fills it;
 * everything else asks by name.
 */
export interface ChannelRegistry {
  /** In the order in which they were added. */
  list(): readonly RegisteredChannel[];
  /** Undefined when there is no channel of this name. A channel that is off is there, with its status. */
  get(name: string): RegisteredChannel | undefined;
  /** Starts a channel. Refuses a second one of the same name and a hook path that another one has (AppError `channel.duplicate`). */
  add(module: ChannelModule, options: StartOptions): Promise<RegisteredChannel>;
  /** Stops all, last added first; one that fails to stop does not keep the others. Returns the names that failed. */
  stop(): Promise<readonly string[]>;
}

export interface RegisteredChannel {
  readonly module: ChannelModule;
  readonly channel: Channel;
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Origin (and path prefix) under which peers reach us, without a slash at its end. */
  readonly publicUrl: string;
  readonly production: boolean;
  /** State and log of a channel are its own, so the ports are made by name. */
  readonly portsFor: (name: string) => ChannelPorts;
}

export function createChannelRegistry(): ChannelRegistry {
  const channels = new Map<string, RegisteredChannel>();

  const refuseTaken = (channel: Channel): void => {
    const taken = new Set([...channels.values()].flatMap((other) => (other.channel.hooks ?? []).map(hookKey)));
    const clash = (channel.hooks ?? []).map(hookKey).find((key) => taken.has(key));
    if (clash !== undefined) {
      throw new AppError('channel.duplicate', `two channels want ${clash}`, { status: 500, details: { channel: channel.name } });
    }
  };

  return {
    list: () => [...channels.values()],
    get: (name) => channels.get(name),
    add: async (module, { env, publicUrl, production, portsFor }) => {
      if (channels.has(module.name)) {
        throw new AppError('channel.duplicate', `channel ${module.name} is there already`, { status: 500, details: { channel: module.name } });
      }
      const channel = await module.create({ env, publicUrl: publicUrl.replace(/\/+$/, ''), production, ports: portsFor(module.name) });
      try {
        refuseTaken(channel);
      } catch (error) {
        await channel.stop?.();
        throw error;
      }
      const registered = { module, channel };
      channels.set(module.name, registered);
      return registered;
    },
    stop: async () => {
      const failed: string[] = [];
      for (const { channel } of [...channels.values()].toReversed()) {
        try {
          await channel.stop?.();
        } catch {
          failed.push(channel.name);
        }
      }
      channels.clear();
      return failed;
    },
  };
}

function hookKey(hook: { readonly method: string; readonly path: string }): string {
  return `${hook.method} ${hook.path}`;
}
