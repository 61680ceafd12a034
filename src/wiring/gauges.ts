import type { Bus } from '../bus/contract.ts';
import type { Channel } from '../channel/contract.ts';
import { PRESENCE_MS } from '../intake/pipeline.ts';
import type { Metrics } from '../meter.ts';
import type { Store } from '../store/contract.ts';

/**
 * What /readyz tells. A node that takes messages is ready without its database too: it spools them, and a proxy that took
 * it out would turn citizens away instead.
 */
export async function readiness({ store, channels, carriage, spools }: { readonly store: Store; readonly channels: readonly Channel[]; readonly carriage: Readonly<Record<string, string>>; readonly spools: boolean }): Promise<Readonly<Record<string, string>>> {
  let state: string = store.dialect;
  try {
    await store.ping();
  } catch (error) {
    if (!spools) throw error;
    state = `${store.dialect}: away, messages are spooled`;
  }
  return { store: state, ...carriage, ...Object.fromEntries(channels.map((channel) => [`channel ${channel.name}`, channel.status.state])) };
}

export interface Watched {
  readonly store: Store;
  readonly bus: Bus;
  readonly now: () => number;
  /** Parts that may be away without stopping the house: redis, news. */
  readonly parts?: Readonly<Record<string, () => boolean>>;
}

/** Reads what the gauges show, just before a scrape. Rejects when the store is away; what needs no store is set before. */
export async function refreshGauges(gauges: Metrics['gauges'], { store, bus, now, parts = {} }: Watched): Promise<void> {
  gauges.lanesRunning.set(bus.running());
  for (const [part, isUp] of Object.entries(parts)) gauges.up.set({ part }, isUp() ? 1 : 0);
  gauges.up.set({ part: 'store' }, 0);
  const { outbox, conversations, online } = await store.read(async (repos) => ({
    outbox: await repos.outbox.counts(now()),
    conversations: await repos.conversations.counts(),
    online: await repos.seats.onlineCount(now() - PRESENCE_MS),
  }));
  gauges.up.set({ part: 'store' }, 1);
  gauges.outboxReady.set(outbox.ready);
  gauges.outboxDead.set(outbox.dead);
  gauges.outboxAgeSeconds.set(outbox.oldestDueAgeMs / 1000);
  gauges.lanesWaiting.set(outbox.dueLanes);
  gauges.laneDepth.set(outbox.deepestLane);
  gauges.seatsOnline.set(online);
  for (const [owner, count] of Object.entries(conversations)) gauges.conversations.set({ owner }, count);
}
