import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, startState } from '../../src/dialog/index.ts';
import { sentences } from '../../src/dialog/template.ts';
import type { DialogEffect, DialogEvent, DialogFacts, DialogState } from '../../src/dialog/types.ts';
import { answerOf, facts, fakeKnowledge, kinds, opened, realProgram, talk } from './support/program.ts';

/** What must hold whatever is said, pressed or left unsaid. */

const program = realProgram();
const knowledge = fakeKnowledge();

const LINES = [
  '你好', '我要投诉', '楼下工地半夜两点还在施工吵死了，东城鸿福路', '13800138000', '对', '不对', '不对，地址是万江街道新村路', '居住证怎么办理', '公积金怎么弄', '都不是', '没帮助', '有帮助',
  '人工', '查进度', '20261122000018', '8000', '补充内容', '催办', '算了', '跳过', '不知道', '着火了', '继续', '谢谢', '再见', 'english', '中文', '再说一遍', '主菜单', '你是机器人吗', '废物', '虎门', '昨天晚上',
  '我要举报', '要保密', '不用', '法院判决不公', '1', '2', '0', '嗯', '。。。', '', '冇水啊', '登记', '给我回电', '我不想活了', 'I want to complain', '内容不对', '还有，他们白天也吵',
] as const;

const word = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...LINES) }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) }, { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...LINES), fc.constantFrom(...LINES)).map((pair) => pair.join('')) });
const event: fc.Arbitrary<DialogEvent> = fc.oneof(
  { weight: 12, arbitrary: word.map((text): DialogEvent => ({ type: 'message', text, attachments: 0 })) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...'0123456789*#'), minLength: 1, maxLength: 14 }).map((keys): DialogEvent => ({ type: 'message', text: '', keys, attachments: 0 })) },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: 'silence' }) },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: 'enter' }) },
  { weight: 1, arbitrary: fc.constant<DialogEvent>({ type: 'handedBack' }) },
  { weight: 1, arbitrary: fc.nat(60).map((n): DialogEvent => ({ type: 'timeout', token: `t${n}` })) },
  { weight: 1, arbitrary: fc.constantFrom('ticket.open', 'ticket.find', 'nothing').map((action): DialogEvent => ({ type: 'result', action, ok: true, data: { number: '20261124000013', tickets: [] } })) },
  { weight: 1, arbitrary: word.map((text): DialogEvent => ({ type: 'message', text, attachments: 1, confidence: 0.1 })) },
);
const world: fc.Arbitrary<Partial<DialogFacts>> = fc.record({
  modality: fc.constantFrom('text' as const, 'voice' as const),
  seatsOnline: fc.nat(2),
  seatHoursOpen: fc.boolean(),
  knownPhoneLast4: fc.constantFrom(null, '8000'),
});

interface Passed {
  readonly states: readonly DialogState[];
  readonly effects: readonly (readonly DialogEffect[])[];
}

/** Plays events as the runner does: an action is answered before the next event. */
function play(events: readonly DialogEvent[], given: Partial<DialogFacts>): Passed {
  const known: DialogFacts = { ...facts(), ...knowledge, ...given };
  let state = startState(program);
  const states: DialogState[] = [];
  const effects: DialogEffect[][] = [];
  const one = (happened: DialogEvent): void => {
    const step = advance(program, state, happened, known);
    state = step.state;
    states.push(state);
    effects.push([...step.effects]);
    for (const effect of step.effects) if (effect.kind === 'action') one(answerOf(effect));
  };
  events.forEach(one);
  return { states, effects };
}

const runs = { numRuns: 150 };
const events = fc.array(event, { maxLength: 14 });

describe('advance, whatever happens', () => {
  it('never throws, never says nothing, never speaks more than three sentences', () => {
    fc.assert(
      fc.property(events, world, (happened, given) => {
        for (const effect of play(happened, given).effects.flat()) {
          if (effect.kind !== 'say') continue;
          expect(effect.text.trim()).not.toBe('');
          expect(effect.text).not.toMatch(/\{(?:slot|result|fact)\.|undefined|null|NaN|\[object/);
          if (given.modality === 'voice') expect(sentences(effect.speak ?? effect.text).length).toBeLessThanOrEqual(3);
        }
      }),
      runs,
    );
  });

  it('is deterministic, leaves the state it is given alone, and its state survives JSON', () => {
    fc.assert(
      fc.property(events, world, (happened, given) => {
        const first = play(happened, given);
        expect(play(happened, given)).toEqual(first);
        for (const state of first.states) expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        const last = first.states.at(-1);
        if (last === undefined) return;
        const frozen = JSON.stringify(last);
        const known = { ...facts(), ...given };
        const again = advance(program, last, { type: 'message', text: '我要投诉', attachments: 0 }, known);
        expect(JSON.stringify(last)).toBe(frozen);
        expect(advance(program, JSON.parse(frozen) as DialogState, { type: 'message', text: '我要投诉', attachments: 0 }, known)).toEqual(again);
      }),
      runs,
    );
  });

  it('人工 and key 0 lead to a person or to a call-back ticket from every state', () => {
    const asks: readonly DialogEvent[] = [{ type: 'message', text: '人工', attachments: 0 }, { type: 'message', text: '', keys: '0', attachments: 0 }, { type: 'message', text: '我要转人工！！', attachments: 0 }];
    fc.assert(
      fc.property(events, world, fc.constantFrom(...asks), (happened, given, ask) => {
        const known: DialogFacts = { ...facts(), ...knowledge, ...given };
        const before = play(happened, given).states.at(-1) ?? startState(program);
        const waiting = before.data['waiting'] === true;
        let step = advance(program, before, ask, known);
        if (waiting) {
          expect(kinds(step.effects)).toContain('say');
          return;
        }
        if (known.seatsOnline > 0 && known.seatHoursOpen) {
          expect(kinds(step.effects)).toContain('handoff');
          return;
        }
        // Nobody there: whatever little is answered, a call back is filed within a few turns.
        const answers = ['咨询退休手续的事情', '13800138000', '13800138000', '13800138000', '13800138000'];
        let callback = false;
        for (let turn = 0; turn <= answers.length && !callback; turn += 1) {
          callback = opened(step.effects)?.callback === true;
          if (!callback) step = advance(program, step.state, { type: 'message', text: answers[turn] ?? '13800138000', attachments: 0 }, known);
        }
        expect(callback).toBe(true);
      }),
      runs,
    );
  });

  it('danger is told first, from every state', () => {
    fc.assert(
      fc.property(events, world, (happened, given) => {
        const before = play(happened, given).states.at(-1) ?? startState(program);
        const { effects } = advance(program, before, { type: 'message', text: '快来人啊着火了', attachments: 0 }, { ...facts(), ...given });
        expect(effects[0]?.kind === 'handoffCancelled' ? effects[1]?.kind : effects[0]?.kind).toBe('emergency');
        const said = effects.find((effect) => effect.kind === 'say');
        expect(said?.kind === 'say' ? said.text : '').toMatch(/119/);
      }),
      runs,
    );
  });

  it('a damaged or foreign state begins afresh instead of failing', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), event, (data, happened) => {
        const state: DialogState = { format: 1, programVersion: 'unknown', data: JSON.parse(JSON.stringify(data)) };
        expect(advance(program, state, happened, facts()).state.programVersion).toBe(program.version);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a form asks only what is missing', () => {
  const pieces = { content: '工地半夜施工太吵了', place: '东城鸿福路', happened: '昨天晚上', phone: '电话13800138000' } as const;
  type Piece = keyof typeof pieces;
  const asked: Readonly<Record<Piece, RegExp>> = { content: /什么事|发生了/, place: /什么地方|哪条路/, happened: /什么时候/, phone: /手机号|电话/ };

  it('never asks for what was said in the first breath', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['place', 'happened', 'phone'] as const), (given) => {
        const one = talk();
        const first = one.say(`我要投诉，${[pieces.content, ...given.map((name) => pieces[name])].join('，')}`);
        const asks: string[] = [];
        let effects = first;
        for (let turn = 0; turn < 6 && opened(effects) === null; turn += 1) {
          const text = effects.filter((effect) => effect.kind === 'say').map((effect) => effect.text).at(-1) ?? '';
          const missing = (['place', 'happened', 'phone'] as const).find((name) => !text.includes('核对') && asked[name].test(text));
          if (missing !== undefined) asks.push(missing);
          effects = one.say(missing === undefined ? '对' : pieces[missing]);
        }
        expect(opened(effects)).toMatchObject({ townId: 'dongcheng', place: expect.stringContaining('鸿福路'), phone: '13800138000' });
        expect(asks.filter((name) => given.some((had) => had === name))).toEqual([]);
        expect(new Set(asks).size).toBe(asks.length);
      }),
      { numRuns: 40 },
    );
  });
});
