import type { Chance } from './random.ts';

/** What will be done to the gateway and when: a pure function of the seed. */

export type Disturbance =
  /** SIGKILL of one node, or of all at once. `stopping`: it has been told to stop in order and dies on the way, ms after. */
  | { readonly kind: 'kill'; readonly node: number | 'all'; readonly stoppingMs: number | null }
  /** SIGSTOP, and meanwhile the lease runs out by everybody else's clock; then SIGCONT. `real`: the lease runs out by waiting. */
  | { readonly kind: 'pause'; readonly node: number; readonly ms: number; readonly real: boolean }
  /** SIGKILL of one process of a node that has several; its primary starts another one. */
  | { readonly kind: 'kill-sibling'; readonly node: number; readonly sibling: number }
  /** SIGSTOP and SIGCONT of one of them, its leases over meanwhile. */
  | { readonly kind: 'pause-sibling'; readonly node: number; readonly sibling: number; readonly ms: number }
  /** Every node in turn is stopped in order and started again. */
  | { readonly kind: 'rolling-restart' }
  /** One node's clock stands this far from the others' until its next start. */
  | { readonly kind: 'clock'; readonly node: number; readonly skewMs: number }
  /** Every connection between peers and gateway breaks. */
  | { readonly kind: 'cut-peers' }
  /** The gateway does what it is asked, and these many answers are lost on the way. */
  | { readonly kind: 'lose-answers'; readonly answers: number }
  /** Every connection to the database breaks; for `ms` no new one comes about. */
  | { readonly kind: 'cut-database'; readonly ms: number }
  | { readonly kind: 'restart-database' }
  | { readonly kind: 'pause-database'; readonly ms: number }
  | { readonly kind: 'cut-redis'; readonly ms: number }
  | { readonly kind: 'empty-redis' }
  /** It comes back empty. */
  | { readonly kind: 'restart-redis'; readonly awayMs: number }
  | { readonly kind: 'fill-disk'; readonly ms: number }
  /** The WeChat API is busy, or breaks the connection. */
  | { readonly kind: 'wechat-trouble'; readonly how: 'busy' | 'hang-up' | 'status-500'; readonly times: number };

export interface Step {
  /** Requests that peers send after the step before it, then this many milliseconds more. */
  readonly afterSends: number;
  readonly jitterMs: number;
  readonly disturbance: Disturbance;
}

export interface PlanOptions {
  readonly kills: number;
  readonly nodes: number;
  /** Of each node; 1 unless told. */
  readonly processes?: number;
  readonly bus: 'embedded' | 'bullmq';
  readonly db: 'sqlite' | 'postgres';
  /** Other disturbances for each kill, about. */
  readonly spice: number;
}

const MINUTE_MS = 60_000;

/** Kills are as many as asked; others stand between them, every kind that the combination has at least once when there is room. */
export function makePlan(chance: Chance, options: PlanOptions): readonly Step[] {
  const others = otherDisturbances(chance.fork('others'), options);
  const steps: Step[] = [];
  const timing = chance.fork('timing');
  const victims = chance.fork('victims');
  const siblings = chance.fork('siblings');
  const add = (disturbance: Disturbance): void => {
    steps.push({ afterSends: timing.between(3, 24), jitterMs: Math.floor(timing.next() * 12), disturbance });
  };
  const { processes = 1 } = options;
  for (let killed = 0; killed < options.kills; ) {
    const single = processes > 1 && siblings.next() < 0.5;
    const all = !single && options.nodes > 1 && killed + options.nodes <= options.kills && victims.next() < 0.15;
    if (single) add({ kind: 'kill-sibling', node: siblings.between(0, options.nodes - 1), sibling: siblings.between(0, processes - 1) });
    else add({ kind: 'kill', node: all ? 'all' : victims.between(0, options.nodes - 1), stoppingMs: victims.next() < 0.25 ? victims.between(0, 10) : null });
    killed += all ? options.nodes : 1;
    const due = Math.round((others.length * killed) / options.kills) - (steps.length - killsIn(steps));
    for (let more = 0; more < due; more += 1) {
      const other = others[steps.length - killsIn(steps)];
      if (other !== undefined) add(other);
    }
  }
  return steps;
}

export const isKill = ({ kind }: Pick<Disturbance, 'kind'>): boolean => kind === 'kill' || kind === 'kill-sibling';

const killsIn = (steps: readonly Step[]): number => steps.filter(({ disturbance }) => isKill(disturbance)).length;

/** Processes that the plan kills. */
export const killsOf = (steps: readonly Step[], nodes: number): number => steps.reduce((sum, { disturbance }) => sum + (!isKill(disturbance) ? 0 : disturbance.kind === 'kill' && disturbance.node === 'all' ? nodes : 1), 0);

function otherDisturbances(chance: Chance, { kills, nodes, processes = 1, bus, db, spice }: PlanOptions): readonly Disturbance[] {
  const node = (): number => chance.between(0, nodes - 1);
  const skew = (): number => chance.pick([-1, 1]) * chance.between(10_000, 2 * MINUTE_MS);
  const makers: readonly (() => Disturbance)[] = [
    () => ({ kind: 'pause', node: node(), ms: chance.between(100, 400), real: false }),
    () => ({ kind: 'lose-answers', answers: chance.between(1, 6) }),
    () => ({ kind: 'clock', node: node(), skewMs: skew() }),
    () => ({ kind: 'cut-peers' }),
    () => ({ kind: 'fill-disk', ms: chance.between(200, 800) }),
    () => ({ kind: 'wechat-trouble', how: chance.pick(['busy', 'hang-up', 'status-500']), times: chance.between(1, 3) }),
    () => ({ kind: 'rolling-restart' }),
    ...(processes > 1 ? [(): Disturbance => ({ kind: 'pause-sibling', node: node(), sibling: chance.between(0, processes - 1), ms: chance.between(100, 600) })] : []),
    ...(db === 'postgres'
      ? [
          (): Disturbance => ({ kind: 'cut-database', ms: chance.between(0, 800) }),
          (): Disturbance => ({ kind: 'pause-database', ms: chance.between(200, 1_500) }),
          (): Disturbance => ({ kind: 'restart-database' }),
        ]
      : []),
    ...(bus === 'bullmq'
      ? [
          (): Disturbance => ({ kind: 'empty-redis' }),
          (): Disturbance => ({ kind: 'cut-redis', ms: chance.between(0, 800) }),
          (): Disturbance => ({ kind: 'restart-redis', awayMs: chance.between(0, 2_000) }),
        ]
      : []),
  ];
  const amount = Math.round(kills * spice);
  const planned: Disturbance[] = [];
  while (planned.length < amount) for (const make of chance.shuffled(makers)) planned.push(make());
  const cut = planned.slice(0, amount);
  // Long runs have the time to let a lease run out for real, now and then.
  let pauses = 0;
  return cut.map((one) => (one.kind === 'pause' && kills >= 100 && (pauses += 1) % 5 === 0 ? { ...one, ms: 7_000, real: true } : one));
}
