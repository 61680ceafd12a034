import { pathToFileURL } from 'node:url';
import { AppError } from '../domain/errors.ts';
import { beijingText } from '../domain/clock.ts';
import { COMMAND_LINE, stepCampaign, type CampaignStep } from '../outbound/campaign-draft.ts';
import type { Campaign, Store } from '../store/contract.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError, type DatabaseCommand } from './database.ts';
import { withOptions, withStore } from './kb-files.ts';
import { createBar } from './kb-lines.ts';

/** `yihu outbound`: campaigns of calls from the command line. The running gateway makes the calls; this starts, watches and stops them. */

const HELP = `用法: yihu outbound list|show|run|pause|stop [任务编号] [选项]

外呼任务在坐席台“外呼”页里建立；电话由正在运行的网关拨打，这里只是开始、查看、暂停和停止。

命令:
  list               所有任务和进度
  show 编号          一个任务：进度、每位市民的结果、按键原样
  run 编号           开始（或继续），并看着进度直到结束；Ctrl-C 只是不看了，任务照常进行
  pause 编号         暂停：不再拨新的电话，正在通话的讲完
  stop 编号          停止：剩下的都不再拨

选项:
  --no-wait          run：开始后马上返回
  --every 秒         run：隔几秒看一次（默认 2）
${DATABASE_OPTIONS}
run 的退出码：0 任务完成；1 任务被停止或暂停，或者没有做成。
`;

const OPTIONS = { 'no-wait': { type: 'boolean' }, every: { type: 'string' } } as const;
interface Given {
  readonly 'no-wait'?: boolean | undefined;
  readonly every?: string | undefined;
}

type Tally = Readonly<Record<'waiting' | 'calling' | 'reached' | 'unreached' | 'refused' | 'skipped', number>>;
interface Seen {
  readonly campaign: Campaign;
  readonly tally: Tally;
}

/** @returns the exit code */
export function runOutbound(argv: readonly string[]): Promise<number> {
  return withOptions(argv, HELP, OPTIONS, (given: Given, rest) =>
    runDatabaseCommand(rest, HELP, async (command) => {
      const [name, id, ...more] = command.rest;
      if (more.length > 0) throw new UsageError(`不认识的参数 ${more[0] ?? ''}`);
      if (name === 'list') return withStore(command, list);
      if (name === undefined || !['show', 'run', 'pause', 'stop'].includes(name)) throw new UsageError(name === undefined ? '缺少命令' : `没有命令 ${name}`);
      if (id === undefined) throw new UsageError('要写任务编号，见 yihu outbound list');
      if (name === 'show') return withStore(command, (store) => show(store, id));
      if (name === 'run') return withStore(command, (store) => run(store, id, command, given));
      return withStore(command, async (store) => {
        const seen = await step(store, id, name === 'pause' ? 'pause' : 'stop');
        return { facts: factsOf(seen), text: lineOf(seen) };
      });
    }));
}

async function see(store: Store, id: string): Promise<Seen> {
  return store.read(async ({ campaigns }) => {
    const campaign = await campaigns.get(id);
    if (campaign === null) throw new AppError('campaign.not_found', `没有这个外呼任务：${id}`);
    return { campaign, tally: await campaigns.tally(id) };
  });
}

async function step(store: Store, id: string, name: CampaignStep): Promise<Seen> {
  // Nobody here hears the news; the gateway finds the row of the campaign by itself.
  await store.write((repos) => stepCampaign({ now: Date.now }, { repos, after: { push: () => 0 } }, id, name, COMMAND_LINE));
  return see(store, id);
}

async function list(store: Store): Promise<{ readonly facts: object; readonly text: string }> {
  const seen = await store.read(async ({ campaigns }) => {
    const found: Seen[] = [];
    for (const campaign of await campaigns.list(100)) found.push({ campaign, tally: await campaigns.tally(campaign.id) });
    return found;
  });
  return { facts: { campaigns: seen.map(factsOf) }, text: seen.length === 0 ? '还没有外呼任务。' : seen.map(lineOf).join('\n') };
}

const SHOWN = 5_000;

async function show(store: Store, id: string): Promise<{ readonly facts: object; readonly text: string }> {
  const seen = await see(store, id);
  const { targets, attempts, numbers } = await store.read(async (repos) => {
    const found = await repos.campaigns.targets(id, { limit: SHOWN });
    const tickets = await repos.tickets.getMany(found.flatMap(({ ticketId }) => (ticketId === null ? [] : [ticketId])));
    return { targets: found, attempts: await repos.campaigns.attempts(found), numbers: new Map(tickets.map((ticket): [string, string] => [ticket.id, ticket.number])) };
  });
  const rows = targets.map((target) => ({
    ticket: target.ticketId === null ? null : (numbers.get(target.ticketId) ?? null), state: target.state, code: target.code, attempts: target.attempts, nextAt: target.nextAt, keys: target.keys, result: target.result,
    calls: attempts.filter(({ targetId }) => targetId === target.id).map(({ number, state, code, createdAt, seconds }) => ({ number, state, code, at: createdAt, seconds })),
  }));
  const lines = rows.map(({ ticket, state, code, attempts: tried, nextAt, keys, calls }) => [
    ticket ?? '（没有工单）', `${STATES[state]}${code === null ? '' : `（${code}）`}`, `拨打${tried}次`, ...(nextAt === null ? [] : [`下次 ${beijingText(nextAt)}`]), ...(Object.keys(keys).length === 0 ? [] : [`按键 ${JSON.stringify(keys)}`]), calls.map((call) => call.state).join('→'),
  ].filter((part) => part !== '').join('  '));
  return { facts: { ...factsOf(seen), targets: rows }, text: [lineOf(seen), ...lines].join('\n') };
}

async function run(store: Store, id: string, { json }: DatabaseCommand, given: Given): Promise<{ readonly ok?: boolean; readonly facts: object; readonly text: string }> {
  const seconds = given.every === undefined ? 2 : Number(given.every);
  if (!(seconds > 0 && seconds <= 3_600)) throw new UsageError('--every 要写秒数');
  let seen = await see(store, id);
  if (seen.campaign.state === 'draft' || seen.campaign.state === 'paused') seen = await step(store, id, 'start');
  if (given['no-wait'] === true) return { facts: factsOf(seen), text: lineOf(seen) };
  const bar = createBar(json);
  bar.start(totalOf(seen.tally), '外呼');
  try {
    while (seen.campaign.state === 'running') {
      bar.tick(doneOf(seen.tally));
      await new Promise<void>((resolve) => void setTimeout(resolve, seconds * 1000));
      seen = await see(store, id);
    }
    bar.tick(doneOf(seen.tally));
  } finally {
    bar.stop();
  }
  return { ok: seen.campaign.state === 'done', facts: factsOf(seen), text: lineOf(seen) };
}

const STATES: Readonly<Record<keyof Tally, string>> = { waiting: '等待', calling: '通话中', reached: '完成', unreached: '未接通', refused: '不愿接听', skipped: '跳过' };
const CAMPAIGN_STATES: Readonly<Record<Campaign['state'], string>> = { draft: '未开始', running: '进行中', paused: '已暂停', done: '已完成', stopped: '已停止' };

const totalOf = (tally: Tally): number => Object.values(tally).reduce((sum, amount) => sum + amount, 0);
const doneOf = (tally: Tally): number => totalOf(tally) - tally.waiting - tally.calling;

function factsOf({ campaign, tally }: Seen): object {
  const { id, name, purpose, channel, state, createdAt, startedAt, endedAt } = campaign;
  return { id, name, purpose, channel, state, createdAt, startedAt, endedAt, tally, total: totalOf(tally), done: doneOf(tally) };
}

function lineOf({ campaign, tally }: Seen): string {
  const parts = (Object.keys(STATES) as (keyof Tally)[]).filter((state) => tally[state] > 0).map((state) => `${STATES[state]}${tally[state]}`);
  return `${campaign.id}  ${campaign.name}  ${CAMPAIGN_STATES[campaign.state]}  ${doneOf(tally)}/${totalOf(tally)}${parts.length === 0 ? '' : `（${parts.join('、')}）`}`;
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runOutbound(process.argv.slice(2));
