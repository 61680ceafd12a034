import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isBuildFresh } from '../support/server.ts';
import { check, checkReferences, type Heard } from './checks.ts';
import { disturb } from './disturb.ts';
import { openLooker, type Looker } from './evidence.ts';
import { phoneCall } from './peers/phone.ts';
import { seat } from './peers/seat.ts';
import { webChat } from './peers/webchat.ts';
import { createMailboxes, weChat } from './peers/wechat.ts';
import { officialAccount } from './peers/wechat-official.ts';
import { isKill, killsOf, makePlan, type Step } from './plan.ts';
import { createChance, type Chance } from './random.ts';
import { buildStage, LEASE_OVER_MS, SECRETS, type Stage } from './stage.ts';
import { CHANNELS, isWeChat, type ChannelName, type DoneDisturbance, type Fault, type TortureOptions, type Verdict } from './types.ts';
import { makeTalk, shapesOf } from './words.ts';
import { BrokenWord, type Counted, type FinishedTalk, type World } from './world.ts';

/** Longest wait for the requests that a step of the plan waits for, ms: while nothing moves, time goes on all the same. */
const STEP_PATIENCE_MS = 3_000;
/** Nobody was answered anything for so long while nodes were up: it is stuck. */
const STUCK_MS = 60_000;
const DRAIN_MS = 90_000;
/** Clocks were skewed by less; a retry's back-off may reach into the future as well. */
const DRAIN_STEP_MS = 30_000;
const SKEW_MOST_MS = 120_000;
/** Shapes of talks in one run, for each modality. */
const SHAPES = 2;

/**
 * Runs the gateway under load, disturbs it by the seed's plan, and looks from outside whether law 1 was kept.
 * @throws when the run itself could not be made (no database, no server), never for a broken promise
 */
export async function torture(options: TortureOptions): Promise<Verdict> {
  const started = performance.now();
  const built = options.built === 'when-fresh' ? isBuildFresh() : options.built;
  const stage = await buildStage({ ...options, built });
  try {
    return await run({ ...options, built }, stage, started);
  } finally {
    await stage.close();
  }
}

async function run(options: TortureOptions, stage: Stage, started: number): Promise<Verdict> {
  const chance = createChance(options.seed);
  const plan = makePlan(chance.fork('plan'), options);
  const counts: Record<Counted, number> = { sent: 0, resent: 0, accepted: 0, refused: 0, reconnected: 0, looked: 0 };
  let movedAt = performance.now();
  let over: Error | null = null;
  const world: World = {
    url: stage.url,
    now: () => stage.now(),
    up: async () => {
      if (over !== null) throw over;
      if (!stage.serving()) await stage.served();
      if (over !== null) throw over;
    },
    breathe: () => (options.breathMs === undefined ? Promise.resolve() : sleep(options.breathMs)),
    count: (what) => {
      counts[what] += 1;
      if (what === 'accepted') movedAt = performance.now();
    },
  };

  options.onProgress?.({ killed: 0, doing: 'starting' });
  await stage.nodes[0]?.start();
  await Promise.all(stage.nodes.map((node) => node.start()));
  const looker = await openLooker({ databaseUrl: stage.databaseUrl, dataDir: join(stage.disk.folder, 'data'), vaultKey: SECRETS.vaultKey });
  const done: DoneDisturbance[] = [];
  const skipped = new Set<string>();
  const references: FinishedTalk[] = [];
  const talks: FinishedTalk[] = [];
  const faults: Fault[] = [];
  let granted: readonly string[] = [];
  try {
    const due = new Map<string, readonly string[]>();
    const talk = castOf(world, stage, chance, due);
    const shapes: Readonly<Record<ChannelName, readonly string[]>> = { 'webchat': shapesOf(chance.fork('chats'), 'chat', SHAPES), 'wechat-miniprogram': shapesOf(chance.fork('chats'), 'chat', SHAPES), 'wechat-official': shapesOf(chance.fork('chats'), 'chat', SHAPES), 'ivr-twilio': shapesOf(chance.fork('calls'), 'call', SHAPES) };
    options.onProgress?.({ killed: 0, doing: 'undisturbed talks' });
    references.push(...(await Promise.all(CHANNELS.flatMap((channel) => [...new Set(shapes[channel])].map((shape) => talk(channel, shape, 'reference'))))));
    await drain(stage, looker, 0);
    for (const reference of references) if (isWeChat(reference.channel)) due.set(`${reference.channel} ${reference.shape}`, await reference.heard());

    let finished = false;
    // Longer: who waits for an answer when the last disturbance is over still waits.
    let talking = true;
    const end = (error: unknown): never => {
      over ??= error instanceof Error ? error : new Error(String(error));
      throw over;
    };
    const citizen = async (channel: ChannelName, name: string): Promise<void> => {
      for (let turn = 0; turn === 0 || !finished; turn += 1) {
        const own = shapes[channel];
        talks.push(await talk(channel, own[turn % own.length] ?? '', `${name}/${turn}`));
      }
    };
    const watch = async (): Promise<void> => {
      while (talking && over === null) {
        await sleep(250);
        if (performance.now() - movedAt > STUCK_MS) throw new BrokenWord(`no message was accepted for ${STUCK_MS / 1000} s; waiting: ${JSON.stringify(await looker.waiting(stage.now()))}`);
        const fault = stage.faults[0];
        if (fault !== undefined) throw new BrokenWord(`${fault.law}: ${fault.detail}`);
      }
    };
    const disturbances = async (): Promise<void> => {
      const begun = performance.now();
      for (const [index, step] of plan.entries()) {
        await moment(step, () => counts.sent, () => over !== null);
        if (over !== null) return;
        const atMs = Math.round(performance.now() - begun);
        options.onProgress?.({ killed: killsOf(plan.slice(0, index), options.nodes), doing: step.disturbance.kind });
        const detail = await disturb(stage, step.disturbance);
        if (detail === null) skipped.add(`${step.disturbance.kind}: ${step.disturbance.kind === 'fill-disk' ? (stage.disk.unlimited ?? '') : 'not in this combination'}`);
        else done.push({ atMs, kind: step.disturbance.kind, detail });
      }
      // Nobody waits for a clock that was wrong.
      for (const node of stage.nodes) node.setSkew(0);
      stage.passTime(SKEW_MOST_MS + LEASE_OVER_MS);
      finished = true;
    };
    const everybody = CHANNELS.flatMap((channel) => Array.from({ length: options.citizens }, (_, index) => citizen(channel, `citizen ${index}`)));
    const looking = seat(world, SECRETS.adminPassword, () => finished).then((purposes) => (granted = purposes));
    const acts = Promise.all([...everybody, looking, disturbances()].map((work) => work.catch(end))).finally(() => (talking = false));
    await Promise.all([acts, watch().catch(end)]);

    options.onProgress?.({ killed: options.kills, doing: 'draining' });
    await Promise.all(stage.nodes.map((node) => node.start()));
    await drain(stage, looker, DRAIN_STEP_MS);
  } catch (error) {
    // A broken promise is a finding; what else goes wrong, with the machine itself, is told as it is.
    if (!(error instanceof BrokenWord)) throw error;
    faults.push({ law: 'kept-its-word', detail: error.message });
  }

  options.onProgress?.({ killed: options.kills, doing: 'checking' });
  const findings = faults.length > 0 ? null : await lookFromOutside(stage, looker, references, talks, granted, done);
  await looker.close();
  faults.push(...stage.faults, ...(findings?.faults ?? []));
  return {
    verdict: faults.length === 0 ? 'ok' : 'broken',
    seed: options.seed,
    combination: `${options.bus}/${options.db}`,
    nodes: options.nodes,
    processes: options.processes ?? 1,
    built: options.built === true,
    kills: done.filter(isKill).length === plan.filter(({ disturbance }) => isKill(disturbance)).length ? killsOf(plan, options.nodes) : killsOf(plan.slice(0, done.length), options.nodes),
    disturbances: done,
    skipped: [...skipped],
    conversations: references.length + talks.length,
    accepted: counts.accepted,
    resent: counts.resent,
    duplicatesRefused: counts.refused,
    answers: findings?.answers ?? 0,
    tickets: findings?.tickets ?? 0,
    looksAtIdentity: counts.looked,
    repeatedSends: findings?.repeatedSends ?? 0,
    unheard: findings?.unheard ?? 0,
    callbacks: findings?.callbacks ?? 0,
    reconnects: counts.reconnected,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    faults,
    again: `npm run torture -- --seed ${options.seed} --kills ${options.kills} --bus ${options.bus} --db ${options.db} --nodes ${options.nodes}${(options.processes ?? 1) === 1 ? '' : ` --processes ${options.processes}`}`,
  };
}

/** How each channel's citizens talk; every talk's words and moods come from the seed and its own name. */
function castOf(world: World, stage: Stage, chance: Chance, due: ReadonlyMap<string, readonly string[]>): (channel: ChannelName, shape: string, name: string) => Promise<FinishedTalk> {
  const mailboxes = createMailboxes(stage.standIn);
  let people = 0;
  return async (channel, shape, name) => {
    const own = chance.fork(`${channel} ${shape} ${name}`);
    const talk = makeTalk(shape, own);
    people += 1;
    switch (channel) {
      case 'webchat':
        return webChat(world, talk, own);
      case 'wechat-miniprogram':
        return weChat(world, talk, own, { standIn: stage.standIn, mailboxes, credentials: SECRETS.wechat, hookUrl: stage.hookUrl(people), name: `Citizen${people}`, due: due.get(`${channel} ${shape}`) ?? null });
      case 'wechat-official':
        return officialAccount(world, talk, own, { standIn: stage.standIn, mailboxes, credentials: SECRETS.wechat, hookUrl: stage.hookUrl(people), name: `Citizen${people}`, due: due.get(`${channel} ${shape}`) ?? null });
      case 'ivr-twilio':
        return phoneCall(world, talk, own, { authToken: SECRETS.authToken, hookUrl: stage.hookUrl(people), from: `+861380013${String(people % 10_000).padStart(4, '0')}` });
    }
  };
}

/** Resolves when the step's moment has come: so many requests later, and a little more. */
async function moment(step: Step, sends: () => number, over: () => boolean): Promise<void> {
  const enough = sends() + step.afterSends;
  const limit = performance.now() + STEP_PATIENCE_MS;
  while (sends() < enough && performance.now() < limit && !over()) await sleep(1);
  await sleep(step.jitterMs);
}

/** Until nothing waits any more. Time passes for it where a retry waits for a later moment. */
async function drain(stage: Stage, looker: Looker, stepMs: number): Promise<void> {
  const begun = performance.now();
  let passed = performance.now();
  for (;;) {
    const rows = await looker.waiting(stage.now());
    if (rows.length === 0) return;
    const dead = rows.filter(({ state }) => state === 'dead');
    if (dead.length > 0 || performance.now() - begun > DRAIN_MS) throw new BrokenWord(`${dead.length > 0 ? 'dead letters' : 'stuck in the outbox'}: ${JSON.stringify(rows.slice(0, 5).map(({ kind, state, attempts, last_error }) => ({ kind, state, attempts, last_error })))}`);
    if (stepMs > 0 && performance.now() - passed > 3_000) {
      passed = performance.now();
      stage.passTime(stepMs);
    }
    await sleep(20);
  }
}

async function lookFromOutside(stage: Stage, looker: Looker, references: readonly FinishedTalk[], talks: readonly FinishedTalk[], granted: readonly string[], done: readonly DoneDisturbance[]): Promise<{ readonly faults: readonly Fault[]; readonly answers: number; readonly tickets: number; readonly repeatedSends: number; readonly unheard: number; readonly callbacks: number }> {
  const listen = async (list: readonly FinishedTalk[]): Promise<readonly Heard[]> => {
    const heard: Heard[] = [];
    for (const talk of list) heard.push({ talk, texts: await talk.heard() });
    return heard;
  };
  const broken: Fault[] = [];
  const told = { references: [] as readonly Heard[], talks: [] as readonly Heard[] };
  try {
    told.references = await listen(references);
    told.talks = await listen(talks);
  } catch (error) {
    if (!(error instanceof BrokenWord)) throw error;
    broken.push({ law: 'kept-its-word', detail: error.message });
  }
  await Promise.all(stage.nodes.map((node) => node.stop()));
  const evidence = await looker.collect([...references, ...talks]);
  const outages = done.some(({ kind }) => kind === 'fill-disk' || kind.endsWith('-database'));
  const crashes = done.filter(({ kind }) => kind !== 'wechat-trouble' && kind !== 'lose-answers').length;
  const findings = check({ evidence, ...told, granted, now: stage.now(), crashes, outages });
  return { faults: [...broken, ...checkReferences(told.references, evidence, CHANNELS), ...findings.faults], answers: evidence.outbound, tickets: evidence.ticketNumbers.length, repeatedSends: findings.repeatedSends, unheard: findings.unheard, callbacks: findings.callbacks };
}
