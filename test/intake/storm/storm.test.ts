import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { readFlowTexts } from '../../../src/config/flows.ts';
import { compileOrThrow } from '../../../src/dialog/index.ts';
import { asAddress, type Activity } from '../../../src/domain/activity.ts';
import { writeUnit } from '../../../src/intake/context.ts';
import { createDialog } from '../../../src/intake/dialog.ts';
import { createPorts } from '../../../src/intake/ports.ts';
import { receive } from '../../../src/intake/receive.ts';
import { createStorm } from '../../../src/intake/storm/keeper.ts';
import { loadStorm } from '../../../src/intake/storm/settings.ts';
import { answerStorm } from '../../../src/tickets/alike/storm-keys.ts';
import { createAlikeHouse } from '../../../src/wiring/alike.ts';
import { stormHandlers } from '../../../src/wiring/storm.ts';
import { city, aMessage, openIntake, type IntakeUnderTest } from '../../support/intake.ts';
import { until } from '../../support/until.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const program = compileOrThrow({ ...readFlowTexts(ROOT), towns: city.towns, lexicon: city.lexicon });
const LONG = '居住证在居住地派出所申领。先登记居住满半年。带身份证、照片和住址证明。十五个工作日内办好。签注每年一次。逾期要补办。也可以在网上预约，预约后按时到场，工作人员当场核对材料，缺一样都要再来一次。';
const POWER = { code: 'utility.power.outage', name: '停电', score: 0.9, matched: ['停电'], sure: true };
const LAMP = { code: 'city.street-lamp', name: '路灯', score: 0.9, matched: ['路灯'], sure: true };

/** A small city: ten messages in five minutes are usual, twenty-four in a minute are twelve times that. */
const settings = { ...loadStorm(ROOT), normal: { weeks: 4, set: 10, least: 5 } };

interface Play {
  readonly it: IntakeUnderTest;
  readonly storm: ReturnType<typeof createStorm>;
  /** What timers call, by their pause. */
  readonly tick: (ms: number) => Promise<void>;
  readonly say: (who: number, text: string) => Promise<readonly Activity[]>;
  readonly look: (times: number, ms?: number) => Promise<void>;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function begin(): Promise<Play> {
  const intake = await openIntake();
  open.push(intake.close);
  const { context, clock, store } = intake;
  const ticks = new Map<number, (() => void)[]>();
  const answer = { id: 'residence', question: '居住证怎么办', answer: LONG, voice: '去派出所办。', item: null, source: { title: '居住证暂行条例', effectiveFrom: '2026-01-01' } };
  const storm = createStorm({ settings, store, now: clock.now, holder: 'test', loopMs: () => 0, watch: () => alike.keeper.watch, log: context.log });
  Object.assign(context, {
    storm,
    dialog: createDialog(program),
    suggestItems: (text: string) => (/停电|没电/.test(text) ? [POWER] : text.includes('停水') ? [{ ...POWER, code: 'utility.water.outage' }] : text.includes('路灯') ? [LAMP] : []),
    knowledge: { ...context.knowledge, matcher: { size: 1, match: (question: string) => (question.includes('居住证') ? { decision: { kind: 'answer', hit: { id: 'residence', score: 0.99 } }, ranked: [{ id: 'residence', score: 0.99 }] } : { decision: { kind: 'abstain' }, ranked: [] }) }, entry: (id: string) => (id === 'residence' ? answer : null) },
  });
  const alike = createAlikeHouse(context, { every: (ms, run) => { ticks.set(ms, [...(ticks.get(ms) ?? []), run]); return () => undefined; }, pause: async () => undefined });
  await intake.startBus({ ...alike.handlers, ...stormHandlers(context) });
  alike.start(true);
  open.push(alike.stop);
  await until(async () => alike.keeper.status().loaded, 'a full index');
  let said = 0;
  return {
    it: intake,
    storm,
    tick: async (ms) => {
      await alike.keeper.settled();
      for (const run of ticks.get(ms) ?? []) run();
      await clock.settle();
    },
    say: async (who, text) => {
      said += 1;
      const { conversationId, seq } = await receive(context, aMessage(text, { channel: 'stream', address: asAddress(`citizen-${who}`), id: `said-${said}`, identity: { externalUserId: `user-${who}`, phone: `1380000${String(8000 + who)}` } }));
      await intake.settle();
      return (await store.read((repos) => repos.activities.after(conversationId, seq, 20))).filter((one) => one.direction === 'out' && one.content.type === 'message');
    },
    look: async (times, ms = 5_000) => {
      for (let look = 0; look < times; look += 1) {
        await storm.look();
        clock.advance(ms);
      }
    },
  };
}

const wordsOf = (said: readonly Activity[]): string => said.map(({ content }) => (content.type === 'message' ? content.text : '')).join('\n');
const numberIn = (said: readonly Activity[]): string => /2026\d{10}/.exec(wordsOf(said).replace(/ /g, ''))?.[0] ?? '';

describe('a storm', () => {
  it('gives up what can wait step by step, gathers one matter and answers it once, and makes everything good when it is over', async () => {
    const { it: { context, store, clock, counted, settle, seat: seatOf }, storm, tick, say, look } = await begin();
    const ticket = async (number: string) => (await store.read((repos) => repos.tickets.findByNumber(number))) ?? expect.fail(`no ticket ${number}`);
    const typings: string[] = [];
    const ports = createPorts(context, 'stream', { take: () => undefined });
    context.live.subscribe('c', (event) => void typings.push(event.kind));

    // Calm: whole answers, typing signs, nobody is told of a storm.
    await look(1);
    expect(storm.view()).toMatchObject({ level: 0, givesUp: [] });
    expect(wordsOf(await say(1, '居住证怎么办'))).toContain('缺一样都要再来一次');
    ports.announceTyping('c', 'citizen');
    expect(typings).toEqual(['typing']);

    // Everybody's light goes out.
    for (let who = 10; who < 34; who += 1) {
      await say(who, `我家昨晚停电到现在，整栋楼都没电，东城鸿福路${who}号`);
      expect(wordsOf(await say(who, '对'))).toContain('工单号');
      clock.advance(1_000);
    }
    const levels: number[] = [];
    for (let step = 0; step < 4; step += 1) {
      await look(1);
      levels.push(storm.view().level);
    }
    // In its order, one step a look.
    expect(levels).toEqual([1, 2, 3, 4]);
    expect(storm.view()).toMatchObject({ name: '风暴', givesUp: ['typing', 'long-answers', 'rollups', 'background', 'suggestions'], cause: { signal: 'load' } });

    ports.announceTyping('c', 'citizen');
    expect(typings).toEqual(['typing']);
    const short = wordsOf(await say(2, '居住证怎么办'));
    expect(short).toContain('回复“详细”看全文');
    expect(short).not.toContain('缺一样都要再来一次');
    expect(wordsOf(await say(2, '详细'))).toContain('缺一样都要再来一次');

    // The watch for storms finds the matter; from then on it is answered in one turn.
    await tick(15_000);
    await until(async () => (await store.read((repos) => repos.storms.open(5))).length === 1, 'a storm');
    await look(1);
    const [group] = storm.groups.list();
    const joined = await say(50, '昨晚停电了，整栋楼都没电，东城鸿福路66号');
    expect(joined).toHaveLength(1);
    expect(wordsOf(joined)).toMatch(/^已有25位市民反映“.*停电.*”。已转.+处理.*95598.*已为您一并登记，工单号2026\d{10}/);
    await settle();
    expect(await ticket(numberIn(joined))).toMatchObject({ leadingId: group?.leading.id, itemCode: POWER.code, townId: 'dongcheng' });
    // Said again: nothing is filed twice.
    expect(numberIn(await say(50, '昨晚停电了，整栋楼都没电，东城鸿福路66号'))).toBe(numberIn(joined));
    expect(counted.filter(({ name }) => name === 'storm_joined')).toHaveLength(1);

    // A supervisor writes the answer: who comes now hears it at once, and not a second time as news.
    await writeUnit(context, (unit) => answerStorm(context, unit, { stormId: group?.storm.id ?? '', text: '变压器故障，预计十八点恢复供电。', seatId: 'seat-1' }));
    await settle();
    await look(1);
    const answered = await say(51, '昨晚停电了，整栋楼都没电，东城鸿福路77号');
    expect(wordsOf(answered)).toContain('变压器故障，预计十八点恢复供电。已为您一并登记');
    await tick(15_000);
    await settle();
    const told = await store.read(async (repos) => repos.tickets.events((await ticket(numberIn(answered))).id));
    expect(told.map(({ data }) => data['move'])).not.toContain('answer_storm');

    // Not this matter: it is taken back, and the form begins with what was said.
    const mistaken = await say(52, '昨晚停电了，整栋楼都没电，东城鸿福路88号');
    const again = wordsOf(await say(52, '不是这件事'));
    expect(again).toContain('已经撤下刚才的登记');
    expect(await ticket(numberIn(mistaken))).toMatchObject({ state: '归档', closure: 'withdrawn' });
    expect(wordsOf(await say(52, '对'))).toContain('工单号');

    // The same words of another thing are another matter; a word is enough where the town is one matter.
    expect(wordsOf(await say(55, '昨晚停水了，整栋楼都没水，东城鸿福路5号'))).toContain('核对');
    expect(wordsOf(await say(56, '东城没电了'))).toContain('一并登记');
    expect(wordsOf(await say(57, '没电了，万江街道万江路5号'))).not.toContain('一并登记');

    // A person and danger are never given up, and who waits is told the truth.
    const seat = await seatOf();
    await store.write((repos) => repos.seats.beat(seat.id, 'online', clock.now()));
    expect(wordsOf(await say(53, '人工'))).toContain('等人工会比平时久');
    expect((await store.read((repos) => repos.conversations.findByAddress('stream', asAddress('citizen-53'))))?.owner).toBe('waiting');
    expect(wordsOf(await say(54, '停电了，楼下着火了，东城鸿福路9号'))).toContain('119');

    // Another matter is filed without a suggestion and told the wait; its department is found later.
    await say(60, '路灯昨晚就坏了，黑漆漆的看不见路，万江街道万江路12号');
    const lamp = await say(60, '对');
    expect(wordsOf(lamp)).toMatch(/目前诉求约是平时的\d+倍/);
    await settle();
    expect(await ticket(numberIn(lamp))).toMatchObject({ itemCode: null, state: '待派', departmentId: null });

    // Calm again: down one step a minute, and what was put off is made good.
    clock.advance(60_000);
    await look(60);
    expect(storm.view().level).toBe(0);
    clock.advance(60_000);
    await settle();
    expect(await ticket(numberIn(lamp))).toMatchObject({ itemCode: LAMP.code, state: '待签收' });
    expect(await store.read((repos) => repos.itemCorrections.list({ limit: 10 }))).toEqual([]);
    expect(wordsOf(await say(1, '居住证怎么办'))).toContain('缺一样都要再来一次');
    ports.announceTyping('c', 'citizen');
    expect(typings).toHaveLength(2);
    await look(1);
    expect(storm.view().history.map(({ from, to }) => `${from}${to}`)).toEqual(['01', '12', '23', '34', '43', '32', '21', '10']);
    const trail = await store.read((repos) => repos.trail.latest(50));
    expect(trail.filter(({ action }) => action === 'storm.level')).toHaveLength(8);
  });

  it('is agreed on by all nodes, counts them together, and outlasts one that stops', async () => {
    const { it: { store, clock, context }, storm: first, look } = await begin();
    const second = createStorm({ settings, store, now: clock.now, holder: 'other', loopMs: () => 0, log: context.log });
    // Twenty a minute are ten times the usual: neither node has them alone.
    for (let message = 0; message < 10; message += 1) {
      first.heard();
      second.heard();
    }
    for (let round = 0; round < 5; round += 1) {
      await look(1, 0);
      await second.look();
      clock.advance(5_000);
    }
    expect([first.view().level, second.view().level]).toEqual([4, 4]);
    expect(first.view().load).toBeCloseTo(10, 5);
    // A third one starts into the storm.
    const third = createStorm({ settings, store, now: clock.now, holder: 'third', loopMs: () => 0, log: context.log });
    await third.look();
    expect(third.view().level).toBe(4);
    // A person ends it by hand, for a while, on every node.
    await store.write((repos) => first.pin(repos, { level: 0, until: clock.now() + 600_000, by: 'seat:1' }));
    await first.pinned();
    await third.look();
    expect([first.view().level, third.view().level, third.view().pin?.by]).toEqual([0, 0, 'seat:1']);
  });
});
