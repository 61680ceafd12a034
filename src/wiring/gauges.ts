import type { Bus } from '../bus/contract.ts';
import type { SiblingLine } from '../bus/siblings/line.ts';
import { Gauge, type Registry } from 'prom-client';
import type { Channel } from '../channel/contract.ts';
import type { LiveKnowledge } from '../intake/knowledge-live.ts';
import { PRESENCE_MS } from '../intake/facts.ts';
import { presenceOf } from '../intake/queue/plan.ts';
import type { Metrics } from '../meter.ts';
import type { Store } from '../store/contract.ts';

const PRESENCES = ['online', 'busy', 'break', 'wrap-up', 'away', 'offline'] as const;

interface Asked {
  readonly store: Store;
  readonly channels: readonly Channel[];
  readonly knowledge: Pick<LiveKnowledge, 'status'>;
  readonly carriage: Readonly<Record<string, string>>;
  readonly spools: boolean;
}

/**
 * What /readyz tells. A node that takes messages is ready without its database too: it spools them, and a proxy that took
 * it out would turn citizens away instead.
 */
export async function readiness({ store, channels, knowledge, carriage, spools }: Asked): Promise<Readonly<Record<string, string>>> {
  let state: string = store.dialect;
  try {
    await store.ping();
  } catch (error) {
    if (!spools) throw error;
    state = `${store.dialect}: away, messages are spooled`;
  }
  const { entries, seq } = knowledge.status();
  return { store: state, knowledge: `${entries} entries, up to change ${seq}`, ...carriage, ...Object.fromEntries(channels.map((channel) => [`channel ${channel.name}`, standing(channel.status)])) };
}

/** `on`, `off`, or `on: waits for a scan`. */
function standing(status: Channel['status']): string {
  return status.state === 'on' && status.note !== undefined ? `${status.state}: ${status.note}` : status.state;
}

export interface Watched {
  readonly store: Store;
  readonly bus: Bus;
  readonly now: () => number;
  /** Parts that may be away without stopping the house: redis, news. */
  readonly parts?: Readonly<Record<string, () => boolean>>;
}

/** What is true of this process alone, just before a look at it. Rejects when the store is away; the rest is set by then. */
export async function refreshOwnGauges(gauges: Metrics['gauges'], { store, bus, parts = {} }: Watched): Promise<void> {
  gauges.lanesRunning.set(bus.running());
  for (const [part, isUp] of Object.entries(parts)) gauges.up.set({ part }, isUp() ? 1 : 0);
  gauges.up.set({ part: 'store' }, 0);
  await store.ping();
  gauges.up.set({ part: 'store' }, 1);
}

/** Reads what the gauges show, just before a scrape. Rejects when the store is away; what needs no store is set before. */
export async function refreshGauges(gauges: Metrics['gauges'], watched: Watched): Promise<void> {
  const { store, now } = watched;
  await refreshOwnGauges(gauges, watched);
  const { outbox, conversations, online, groups, seats } = await store.read(async (repos) => ({
    outbox: await repos.outbox.counts(now()),
    conversations: await repos.conversations.counts(),
    online: await repos.seats.onlineCount(now() - PRESENCE_MS),
    groups: await repos.queue.groups(),
    seats: await repos.seatWork.roster(),
  }));
  gauges.outboxReady.set(outbox.ready);
  gauges.outboxDead.set(outbox.dead);
  gauges.outboxAgeSeconds.set(outbox.oldestDueAgeMs / 1000);
  gauges.lanesWaiting.set(outbox.dueLanes);
  gauges.laneDepth.set(outbox.deepestLane);
  gauges.seatsOnline.set(online);
  for (const [owner, count] of Object.entries(conversations)) gauges.conversations.set({ owner }, count);
  // A group that nobody waits in any more is told as 0 once it has been seen: a line that ends would look like a lost node.
  for (const { labels } of (await gauges.queueWaiting.get()).values) {
    gauges.queueWaiting.set(labels, 0);
    gauges.queueOldestSeconds.set(labels, 0);
  }
  for (const { groupId, waiting, oldestWaitingSince } of groups) {
    gauges.queueWaiting.set({ group: groupId }, waiting);
    gauges.queueOldestSeconds.set({ group: groupId }, Math.max(0, now() - oldestWaitingSince) / 1000);
  }
  const present = new Map<string, number>(PRESENCES.map((presence) => [presence, 0]));
  for (const seat of seats) {
    const { presence } = presenceOf(seat, now());
    present.set(presence, (present.get(presence) ?? 0) + 1);
  }
  for (const [presence, count] of present) gauges.seats.set({ presence }, count);
}

/** Has this process answer when another one gathers. @returns how to gather what all processes of this machine measure */
export function joinMeasures({ gauges, own, gathered }: Metrics, watched: Watched, line: Pick<SiblingLine, 'answerWith' | 'gather' | 'family'>): () => Promise<Registry> {
  line.answerWith(async () => {
    await refreshOwnGauges(gauges, watched).catch(() => undefined); // a store that is away is told by what is set before it is asked
    return own();
  });
  return async () => {
    const { measures, silent } = await line.gather(await own());
    gauges.processes.set({ state: 'up' }, line.family().up);
    gauges.processes.set({ state: 'silent' }, silent);
    return gathered(measures);
  };
}

/** The knowledge base counts by itself: what it says is read at each scrape. */
export function watchKnowledge(registry: Registry, knowledge: Pick<LiveKnowledge, 'status'>, now: () => number): void {
  // Of several processes the one that is furthest behind is told.
  const gauges: Readonly<Record<string, readonly ['min' | 'max', string, () => number]>> = {
    entries: ['min', 'Published entries of the knowledge base on this node', () => knowledge.status().entries],
    open_entries: ['min', 'Entries that citizens may get today', () => knowledge.status().open],
    change_seq: ['min', 'Newest change of the knowledge base in the index of this node', () => knowledge.status().seq],
    change_age_seconds: ['max', 'Since this node last saw that it has the newest change', () => Math.max(0, now() - knowledge.status().seenAt) / 1000],
    index_bytes: ['max', 'Bytes of the index as last saved; 0 when it was not saved', () => knowledge.status().indexBytes],
  };
  for (const [name, [aggregator, help, read]] of Object.entries(gauges)) registry.registerMetric(new Gauge({ name: `yihu_knowledge_${name}`, help, aggregator, registers: [], collect() { this.set(read()); } }));
}
