import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { SpoolStats } from './intake/spool/contract.ts';
import type { Meter, MeterName } from './intake/context.ts';

/** The measures of the house, in one registry that /metrics prints. Labels never hold ids or personal data. */
export interface Metrics {
  readonly registry: Registry;
  readonly meter: Meter;
  /** A group of writes was committed together (SQLite). */
  readonly committed: (group: { readonly jobs: number; readonly ms: number }) => void;
  /** Spooled webhooks were replayed. */
  readonly replayed: (group: { readonly records: number; readonly seconds: number }) => void;
  /** Has /metrics show what the spool counts. */
  readonly watchSpool: (stats: () => SpoolStats) => void;
  /** What this process has for another one that gathers: without what is read from the shared database. */
  readonly own: () => Promise<object[]>;
  /** Everything, with what other processes have, each by its `aggregator`. */
  readonly gathered: (others: readonly Measured[]) => Promise<Registry>;
  /** Set just before a scrape. */
  readonly gauges: {
    readonly outboxReady: Gauge;
    readonly outboxDead: Gauge;
    readonly outboxAgeSeconds: Gauge;
    readonly lanesRunning: Gauge;
    readonly lanesWaiting: Gauge;
    readonly laneDepth: Gauge;
    /** 1 or 0 by part: store, redis, news. */
    readonly up: Gauge<'part'>;
    readonly conversations: Gauge<'owner'>;
    readonly seatsOnline: Gauge;
    readonly queueWaiting: Gauge<'group'>;
    readonly queueOldestSeconds: Gauge<'group'>;
    readonly seats: Gauge<'presence'>;
    /** Processes of this machine that listen, and those that did not answer at the last look. */
    readonly processes: Gauge<'state'>;
  };
}

const LABELS: Readonly<Record<MeterName, { help: string; labels: string[] }>> = {
  received: { help: 'Inbound activities stored', labels: ['channel'] },
  refused: { help: 'Webhooks refused', labels: ['channel', 'reason'] },
  duplicate: { help: 'Inbound activities seen before', labels: ['channel'] },
  answered: { help: 'Turns that the dialog took', labels: ['channel'] },
  ticket_opened: { help: 'Tickets opened', labels: ['channel', 'kind'] },
  ticket_moved: { help: 'Moves of tickets', labels: ['move'] },
  storm_joined: { help: 'Reports that were gathered with others of their matter', labels: ['channel'] },
  handoff: { help: 'Citizens who asked for a person', labels: ['channel'] },
  emergency: { help: 'Emergencies recognised', labels: ['category'] },
  sent: { help: 'Sends to push channels by result', labels: ['channel', 'status'] },
  job: { help: 'Bus events that are not a plain success', labels: ['event', 'kind', 'code'] },
  limited: { help: 'Messages slowed down by a rate limit', labels: ['by'] },
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<MeterName, Counter>();
  for (const name of Object.keys(LABELS) as MeterName[]) {
    const { help, labels } = LABELS[name];
    counters.set(name, new Counter({ name: `yihu_${name}_total`, help, labelNames: labels, registers: [registry] }));
  }
  const stages = new Histogram({ name: 'yihu_stage_seconds', help: 'Time spent in a stage of a message\'s way: verify, store, wait, turn, deliver', labelNames: ['stage'], buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], registers: [registry] });
  const commitSeconds = new Histogram({ name: 'yihu_commit_seconds', help: 'Time of a group of writes, from begin to durable (SQLite)', buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1], registers: [registry] });
  const commitJobs = new Histogram({ name: 'yihu_commit_jobs', help: 'Writes that share a commit (SQLite)', buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256], registers: [registry] });
  const replaySeconds = new Histogram({ name: 'yihu_spool_replay_seconds', help: 'Time of a replayed group of spooled webhooks', buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10], registers: [registry] });
  // What is read from the shared database is everybody's: of several processes it is told once, by the one that is asked.
  const shared = { registers: [registry], aggregator: 'first' as const };
  const gauge = (name: string, help: string) => new Gauge({ name: `yihu_${name}`, help, ...shared });
  return {
    registry,
    meter: {
      count: (name, labels) => counters.get(name)?.inc({ ...labels }),
      time: (stage, seconds) => stages.observe({ stage }, seconds),
    },
    committed: ({ jobs, ms }) => {
      commitJobs.observe(jobs);
      commitSeconds.observe(ms / 1000);
    },
    replayed: ({ seconds }) => replaySeconds.observe(seconds),
    watchSpool: (stats) => watchSpool(registry, stats),
    own: async () => (await registry.getMetricsAsJSON()).filter(({ aggregator }) => aggregator !== 'first'),
    gathered: async (others) => AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), ...others.map((measured) => [...measured])]),
    gauges: {
      outboxReady: gauge('outbox_ready', 'Outbox rows not done yet'),
      outboxDead: gauge('outbox_dead', 'Dead letters'),
      outboxAgeSeconds: gauge('outbox_oldest_due_seconds', 'Age of the oldest due outbox row'),
      lanesRunning: new Gauge({ name: 'yihu_lanes_running', help: 'Lanes worked on', registers: [registry] }),
      lanesWaiting: gauge('lanes_waiting', 'Lanes with rows that are due and not done'),
      laneDepth: gauge('lane_depth_max', 'Rows in the fullest lane'),
      up: new Gauge({ name: 'yihu_up', help: 'Is this part reachable (1) or not (0)', labelNames: ['part'], registers: [registry], aggregator: 'min' }),
      conversations: new Gauge({ name: 'yihu_conversations', help: 'Conversations by who writes', labelNames: ['owner'], ...shared }),
      seatsOnline: gauge('seats_online', 'Seats signed in and ready'),
      queueWaiting: new Gauge({ name: 'yihu_queue_waiting', help: 'Citizens who wait for a seat, by skill group', labelNames: ['group'], ...shared }),
      queueOldestSeconds: new Gauge({ name: 'yihu_queue_oldest_seconds', help: 'Since when the one who waits longest waits, by skill group', labelNames: ['group'], ...shared }),
      seats: new Gauge({ name: 'yihu_seats', help: 'Seats by presence: online, busy, break, wrap-up, away, offline', labelNames: ['presence'], ...shared }),
      processes: new Gauge({ name: 'yihu_processes', help: 'Processes of this machine: those that listen (up), and of them those that did not answer in time for this look (silent)', labelNames: ['state'], ...shared }),
    },
  };
}

/** The spool counts by itself: what it says is read at each scrape. */
function watchSpool(registry: Registry, stats: () => SpoolStats): void {
  const gauges: Readonly<Record<string, readonly ['sum' | 'max', string, (now: SpoolStats) => number]>> = {
    records: ['sum', 'Webhook activities that wait on disk for the database', (now) => now.records],
    bytes: ['sum', 'Bytes of them', (now) => now.bytes],
    oldest_seconds: ['max', 'Age of the oldest of them', (now) => now.oldestAgeMs / 1000],
    away: ['max', 'The database does not answer, everything is spooled (1)', (now) => (now.state === 'away' ? 1 : 0)],
  };
  const counters: Readonly<Record<string, readonly [string, (now: SpoolStats) => number]>> = {
    spooled: ['Webhook activities taken into the spool', (now) => now.spooled],
    replayed: ['Webhook activities stored from the spool', (now) => now.replayed],
    refused: ['Spooled activities set aside because the store will never take them', (now) => now.refused],
    damaged: ['Unreadable places in spool files', (now) => now.damaged],
    turned_away: ['Webhooks turned away because the spool was full or its disk failed', (now) => now.turnedAway],
    syncs: ['Syncs of spool files', (now) => now.syncs],
  };
  for (const [name, [aggregator, help, read]] of Object.entries(gauges)) {
    registry.registerMetric(new Gauge({ name: `yihu_spool_${name}`, help, aggregator, registers: [], collect() { this.set(read(stats())); } }));
  }
  for (const [name, [help, read]] of Object.entries(counters)) {
    registry.registerMetric(new Counter({
      name: `yihu_spool_${name}_total`, help, registers: [],
      collect() {
        this.reset();
        this.inc(read(stats()));
      },
    }));
  }
}

/** One process's measures as JSON: of `registry.getMetricsAsJSON()`, or what another process has sent. */
export type Measured = readonly object[];

const CountedSchema = Type.Object({
  name: Type.String(), help: Type.String(), aggregator: Type.Literal('sum'),
  type: Type.Union([Type.Literal('counter'), Type.Literal('histogram')]),
  values: Type.Array(Type.Object({ value: Type.Number(), labels: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])), metricName: Type.Optional(Type.String()) })),
});
type Counted = Static<typeof CountedSchema>;
const counted = Compile(CountedSchema);

/**
 * What of several processes' measures outlasts them, summed up: counters and histograms. A sum that shrinks when a process
 * ends would look like a start to Prometheus, and all that was counted before would be counted again.
 */
export function outlastingMeasures(processes: readonly Measured[]): object[] {
  const sums = new Map<string, Omit<Counted, 'values'> & { readonly values: Map<string, Counted['values'][number]> }>();
  for (const measure of processes.flat()) {
    if (!counted.Check(measure)) continue;
    const { values, ...about } = measure;
    const sum = sums.get(about.name) ?? { ...about, values: new Map<string, Counted['values'][number]>() };
    sums.set(about.name, sum);
    for (const each of values) {
      const key = JSON.stringify([each.metricName, Object.entries(each.labels).toSorted(([one], [other]) => (one < other ? -1 : 1))]);
      sum.values.set(key, { ...each, value: each.value + (sum.values.get(key)?.value ?? 0) });
    }
  }
  return [...sums.values()].map(({ values, ...about }) => ({ ...about, values: [...values.values()] }));
}
