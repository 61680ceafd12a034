import { createEmbeddedBus } from '../../src/bus/drivers/embedded.ts';
import type { JobHandlers } from '../../src/bus/contract.ts';
import type { CallOrder, CallReceipt, Channel, DeliveryReport } from '../../src/channel/contract.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import { DAY, HOUR, MINUTE, startOfDay } from '../../src/domain/clock.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import type { Store } from '../../src/store/contract.ts';
import { openCampaigns, type Campaigns } from '../../src/wiring/campaigns.ts';
import { openOutbound, type Outbound } from '../../src/wiring/outbound.ts';
import type { FakeClock } from '../fakes/clock.ts';
import type { IntakeUnderTest } from './intake.ts';
import { until } from './until.ts';

/** A process that places calls: a bus of its own over a store that others share, a peer that it asks, and the transaction in which it dies. */

export interface Death {
  /** The so-manieth transaction of the process. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** A store that a process holds until it dies in one of its transactions; the others go on with theirs. */
export function mortalStore(real: Store, death: Death | null): { readonly store: Store; readonly dead: () => boolean } {
  let [writes, dead] = [0, false];
  const killed = (): Error => new Error('the process is gone');
  return {
    dead: () => dead,
    store: {
      dialect: real.dialect, ping: () => real.ping(), close: () => real.close(),
      read: (fn) => (dead ? Promise.reject(killed()) : real.read(fn)),
      write: async (fn) => {
        if (dead) throw killed();
        writes += 1;
        const dies = death !== null && writes === death.at;
        if (dies && death.when === 'before') dead = true;
        if (dead) throw killed();
        const result = await real.write(fn);
        if (dies) dead = true;
        if (dead) throw killed();
        return result;
      },
    },
  };
}

export interface CallingNode {
  readonly campaigns: Campaigns;
  readonly outbound: Outbound;
  readonly dead: () => boolean;
  readonly running: () => number;
  /** The channel's peer tells how a call went. */
  told(key: string, state: DeliveryReport['state']): Promise<void>;
  wake(): void;
  stop(): Promise<void>;
}

export interface CallingNodeGiven {
  /** Folder of the configuration. */
  readonly root: string;
  readonly channel: string;
  readonly holder: string;
  readonly death?: Death | null;
  /** The peer: never asked by whoever is dead. */
  readonly place: (order: CallOrder) => CallReceipt | Promise<CallReceipt>;
  readonly findCall?: Channel['findCall'];
  /** Beside those of calls. */
  readonly handlers?: (context: IntakeContext) => JobHandlers;
}

export const placedCall = ({ key }: Pick<CallOrder, 'key'>): CallReceipt => ({ status: 'placed', externalId: asExternalId(`call-${key}`) });

export async function openCallingNode(intake: IntakeUnderTest, { root, channel: name, holder, death = null, place, findCall, handlers }: CallingNodeGiven): Promise<CallingNode> {
  const { store, dead } = mortalStore(intake.store, death);
  const bus = createEmbeddedBus(store, { now: intake.clock.now, holder, leaseMs: 10_000, sweepMs: 60_000, maxParallelLanes: 4, maxAttempts: 3, backoffMs: () => 1_000, random: () => 0.5 });
  const channel: Channel = {
    name, capabilities: { modality: 'voice', textLimit: 100, textLimitUnit: 'chars', choices: 'keys', maxChoices: 9, attachmentsOut: false, links: 'none', typing: false, mergeTexts: false, delivery: 'pull', replyWindowMs: null, proactive: false },
    status: { state: 'on' },
    call: async (order) => (dead() ? new Promise(() => undefined) : place(order)),
    ...(findCall === undefined ? {} : { findCall }),
  };
  const context: IntakeContext = { ...intake.context, store, bus, lease: { holder, ms: 10_000 }, channel: (wanted) => (wanted === name ? channel : null), reach: (unit, given) => outbound.reach(unit, given) };
  const campaigns = openCampaigns(() => outbound.context);
  const outbound: Outbound = openOutbound({ root, context, callWent: campaigns.callWent });
  await bus.start({ ...campaigns.handlers, ...outbound.handlers, ...handlers?.(context) });
  return {
    campaigns, outbound, dead,
    running: () => bus.running(),
    told: (key, state) => outbound.heed(name, { reports: [{ of: 'call', key, externalId: asExternalId(`call-${key}`), state, code: null, at: null }], consents: [] }),
    wake: () => bus.wake(),
    stop: () => bus.stop(0),
  };
}

/** So often in a row, as a lane that was taken this moment is neither due any more nor running yet. */
const LOOKS = 3;

/** Nothing is due for anybody who lives. */
export async function still(intake: Pick<IntakeUnderTest, 'store' | 'clock'>, ...nodes: readonly CallingNode[]): Promise<void> {
  let calm = 0;
  const idle = (): boolean => nodes.every((node) => node.dead() || node.running() === 0);
  await until(async () => {
    for (const node of nodes) node.wake();
    if (nodes.every((node) => node.dead())) return true;
    calm = idle() && (await intake.store.read((repos) => repos.outbox.dueLanes(intake.clock.now(), 1))).length === 0 && idle() ? calm + 1 : 0;
    return calm === LOOKS;
  }, 'nothing that is due');
}

/** The next day, at that time in Beijing: a day of its own for every story. */
export function nextDayAt(clock: FakeClock, time: string): void {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  clock.set(startOfDay(clock.now()) + DAY + hours * HOUR + minutes * MINUTE);
}
