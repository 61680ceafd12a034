import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkReferences, type Findings, type Heard } from '../torture/checks.ts';
import { openLooker, type Looker } from '../torture/evidence.ts';
import { phoneCall } from '../torture/peers/phone.ts';
import { webChat } from '../torture/peers/webchat.ts';
import { createMailboxes, weChat } from '../torture/peers/wechat.ts';
import type { Proxy } from '../torture/proxy.ts';
import { createChance } from '../torture/random.ts';
import type { ChannelName, Fault } from '../torture/types.ts';
import { makeTalk, shapesOf } from '../torture/words.ts';
import type { Counted, FinishedTalk, World } from '../torture/world.ts';
import { CITY, eventually, type Cluster } from './nodes.ts';

/** A rolling restart as operators do it, under the crash machine's citizens and before its judge. */

export interface Rolled extends Findings {
  readonly talks: number;
  readonly accepted: number;
  /** Messages accepted while a node was being restarted. */
  readonly acceptedMeanwhile: number;
  readonly reconnected: number;
  readonly tickets: number;
  /** What the nodes warned of. */
  readonly output: string;
}

/** A city behind its load balancer, still empty. */
export interface RollingCity {
  readonly cluster: Cluster;
  readonly balancer: Proxy;
  readonly databaseUrl: string;
}

/** The official account speaks as the mini-program does, and has its own story in the crash machine. */
const CHANNELS: readonly ChannelName[] = ['webchat', 'wechat-miniprogram', 'ivr-twilio'];
const NODES = ['a', 'b'] as const;
/** A citizen's rest between two words, ms. */
const BREATH_MS = 40;
const SEED = 20_261_122;

/**
 * One talk a channel undisturbed, then a citizen of each channel without pause while each of two nodes behind a load balancer is
 * stopped in order and started again. Nodes a and b serve when it is over.
 */
export async function rollUnderLoad({ cluster, balancer, databaseUrl }: RollingCity): Promise<Rolled> {
  const url = cluster.publicUrl;
  const folder = mkdtempSync(join(tmpdir(), 'yihu-rolling-'));
  const looker = await openLooker({ databaseUrl, dataDir: folder, vaultKey: CITY.vaultKey });
  try {
    const serving = new Map<string, number>();
    const route = (): void => balancer.setTargets([...serving.values()]);
    const start = async (name: string): Promise<void> => {
      serving.set(name, (await cluster.up(name)).port);
      route();
    };
    await Promise.all(NODES.map(start));

    const counts: Record<Counted, number> = { sent: 0, resent: 0, accepted: 0, refused: 0, reconnected: 0, looked: 0 };
    let over: Error | null = null;
    const world: World = { url, now: Date.now, up: async () => { if (over !== null) throw over; }, breathe: () => sleep(BREATH_MS), count: (what) => { counts[what] += 1; } };
    const mailboxes = createMailboxes(cluster.standIn);
    /** What WeChat citizens of a shape are told when nothing disturbs. */
    const due = new Map<string, readonly string[]>();
    let people = 0;
    const talk = (channel: ChannelName, shape: string, name: string): Promise<FinishedTalk> => {
      const own = createChance(SEED, `${channel} ${name}`);
      people += 1;
      const said = makeTalk(shape, own);
      if (channel === 'webchat') return webChat(world, said, own);
      if (channel === 'ivr-twilio') return phoneCall(world, said, own, { authToken: CITY.authToken, hookUrl: url, from: `+8613800138${String(people).padStart(3, '0')}` });
      return weChat(world, said, own, { standIn: cluster.standIn, mailboxes, credentials: CITY.wechat, hookUrl: url, name: `Citizen${people}`, due: due.get(shape) ?? null });
    };
    const shapeOf = (channel: ChannelName): string => shapesOf(createChance(SEED), channel === 'ivr-twilio' ? 'call' : 'chat', 1)[0] ?? '';
    const references = await Promise.all(CHANNELS.map((channel) => talk(channel, shapeOf(channel), 'reference')));
    for (const { channel, shape, heard } of references) if (channel === 'wechat-miniprogram') due.set(shape, await heard());

    const talks: FinishedTalk[] = [];
    let rolling = true;
    const citizen = async (channel: ChannelName, name: string): Promise<void> => {
      for (let turn = 0; turn === 0 || rolling; turn += 1) talks.push(await talk(channel, shapeOf(channel), `${name}/${turn}`));
    };
    const before = counts.accepted;
    let acceptedMeanwhile = 0;
    const roll = async (): Promise<void> => {
      for (const name of NODES) {
        await eventually(() => counts.accepted > before + 4, 'some load');
        const node = await cluster.up(name);
        serving.delete(name);
        route();
        await node.stop();
        await start(name);
      }
      acceptedMeanwhile = counts.accepted - before;
      rolling = false;
    };
    const stop = (error: unknown): never => {
      rolling = false;
      over ??= error instanceof Error ? error : new Error(String(error));
      throw over;
    };
    // Several pages, so that some socket is open whenever a node goes.
    const pages = ['second', 'third', 'fourth'].map((name) => citizen('webchat', name));
    await Promise.all([...CHANNELS.map((channel) => citizen(channel, 'citizen')), ...pages, roll()].map((work) => work.catch(stop)));
    await eventually(async () => (await looker.waiting(Date.now())).length === 0, 'an empty outbox');
    // On a machine that stands still a database may seem away: then who hung up is owed a callback, as is promised.
    const outages = cluster.output().includes('the database is away');
    return { ...(await judge(looker, references, talks, outages)), output: cluster.output(), talks: talks.length, accepted: counts.accepted, acceptedMeanwhile, reconnected: counts.reconnected };
  } finally {
    await looker.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function judge(looker: Looker, references: readonly FinishedTalk[], talks: readonly FinishedTalk[], outages: boolean): Promise<Findings & { readonly tickets: number }> {
  const listen = async (list: readonly FinishedTalk[]): Promise<readonly Heard[]> => {
    const heard: Heard[] = [];
    for (const one of list) heard.push({ talk: one, texts: await one.heard() });
    return heard;
  };
  const told = { references: await listen(references), talks: await listen(talks) };
  const evidence = await looker.collect([...references, ...talks]);
  // Nothing crashed: not one send may come twice.
  const findings = check({ evidence, ...told, granted: [], now: Date.now(), crashes: 0, outages });
  const faults: readonly Fault[] = [...checkReferences(told.references, evidence, CHANNELS), ...findings.faults];
  return { ...findings, faults, tickets: evidence.ticketNumbers.length };
}
