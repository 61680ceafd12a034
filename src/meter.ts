import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Meter, MeterName } from './intake/context.ts';

/** The measures of the house, in one registry that /metrics prints. Labels never hold ids or personal data. */
export interface Metrics {
  readonly registry: Registry;
  readonly meter: Meter;
  /** Set just before a scrape. */
  readonly gauges: {
    readonly outboxReady: Gauge;
    readonly outboxDead: Gauge;
    readonly outboxAgeSeconds: Gauge;
    readonly lanesRunning: Gauge;
    readonly conversations: Gauge<'owner'>;
    readonly seatsOnline: Gauge;
  };
}

const LABELS: Readonly<Record<MeterName, { help: string; labels: string[] }>> = {
  received: { help: 'Inbound activities stored', labels: ['channel'] },
  refused: { help: 'Webhooks refused', labels: ['channel', 'reason'] },
  duplicate: { help: 'Inbound activities seen before', labels: ['channel'] },
  answered: { help: 'Turns that the dialog took', labels: ['channel'] },
  ticket_opened: { help: 'Tickets opened', labels: ['channel', 'kind'] },
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
  const stages = new Histogram({ name: 'yihu_stage_seconds', help: 'Time spent in a stage of a message\'s way', labelNames: ['stage'], buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], registers: [registry] });
  const gauge = (name: string, help: string) => new Gauge({ name: `yihu_${name}`, help, registers: [registry] });
  return {
    registry,
    meter: {
      count: (name, labels) => counters.get(name)?.inc({ ...labels }),
      time: (stage, seconds) => stages.observe({ stage }, seconds),
    },
    gauges: {
      outboxReady: gauge('outbox_ready', 'Outbox rows not done yet'),
      outboxDead: gauge('outbox_dead', 'Dead letters'),
      outboxAgeSeconds: gauge('outbox_oldest_due_seconds', 'Age of the oldest due outbox row'),
      lanesRunning: gauge('lanes_running', 'Lanes worked on in this process'),
      conversations: new Gauge({ name: 'yihu_conversations', help: 'Conversations by who writes', labelNames: ['owner'], registers: [registry] }),
      seatsOnline: gauge('seats_online', 'Seats signed in and ready'),
    },
  };
}
