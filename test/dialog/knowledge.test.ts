import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, startState } from '../../src/dialog/index.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { DialogEffect, KnowledgeAnswer } from '../../src/dialog/types.ts';
import type { MatchContext, MatchDecision, MatchResult } from '../../src/matcher/types.ts';
import { facts, fakeKnowledge, kinds, realProgram, said, talk } from './support/program.ts';

const entry = (id: string, over: Partial<KnowledgeAnswer> = {}): KnowledgeAnswer => ({ id, question: `${id}的问题`, answer: `${id}的答案在这里。`, voice: `${id}的口播。`, source: { title: '办法' }, item: null, ...over });
const hit = (id: string, score = 0.9) => ({ id, score, matched: [] });
const result = (decision: MatchDecision, ...ids: string[]): MatchResult => ({ decision, ranked: ids.map((id) => hit(id)) });
const gaps = (effects: readonly DialogEffect[]) => effects.filter((effect) => effect.kind === 'gap');
const choices = (effects: readonly DialogEffect[]): string[] => effects.flatMap((effect) => (effect.kind === 'say' ? (effect.choices ?? []).map(({ title }) => title) : []));

describe('what the knowledge base is told of the conversation', () => {
  it('the town, the item and the last answer, for as long as they are what it is about', () => {
    const asked: (MatchContext | undefined)[] = [];
    const one = talk({
      match: (question, options) => {
        asked.push(options?.context);
        return question.includes('暂住') ? result({ kind: 'answer', hit: hit('stay') }, 'stay') : result({ kind: 'abstain' });
      },
      entry: (id) => (id === 'stay' ? entry('stay', { item: 'hukou.stay' }) : null),
    });
    one.say('请问虎门的暂住怎么登记');
    expect(asked.at(-1)).toEqual({ town: 'humen', item: null, lastId: null });
    one.say('那这个有什么讲究吗');
    expect(asked.at(-1)).toEqual({ town: 'humen', item: 'hukou.stay', lastId: 'stay' });
    one.say('东城又是什么讲究呢');
    expect(asked.at(-1)).toEqual({ town: 'dongcheng', item: 'hukou.stay', lastId: 'stay' });
    for (const text of ['你好', '谢谢', '你是机器人吗', '你好', '谢谢']) one.say(text);
    one.say('请问还有什么讲究吗');
    expect(asked.at(-1)).toEqual({ town: 'dongcheng', item: null, lastId: null });
  });

  it('is asked without the courtesies a question opens with', () => {
    const asked: string[] = [];
    const one = talk({ match: (question) => { asked.push(question); return result({ kind: 'abstain' }); }, entry: () => null });
    for (const text of ['喂你好，我想问下居住证咋办', '您好，请问暂住怎么登记', '请问一下', 'how can I register']) one.say(text);
    expect(asked).toEqual(expect.arrayContaining(['居住证咋办', '暂住怎么登记', 'how can I register']));
    expect(asked.filter((text) => text.includes('你好') || text.includes('您好'))).toEqual([]);
  });

  it('is asked once a turn for the same words', () => {
    let times = 0;
    const one = talk({ match: () => { times += 1; return result({ kind: 'answer', hit: hit('stay') }, 'stay'); }, entry: (id) => entry(id) });
    one.say('请问暂住怎么登记呢');
    expect(times).toBe(1);
  });
});

describe('a clarifying question', () => {
  const options = [{ label: '企业', ids: ['a.one'] }, { label: '个人', ids: ['b.one', 'b.two', 'b.three', 'b.four'] }];
  const clarify: MatchDecision = { kind: 'clarify', facet: 'word', options };

  it('leads to at most three choices, the best of the picked option first', () => {
    const one = talk({ match: (question) => (question.includes('个人') ? result({ kind: 'abstain' }, 'a.one', 'b.three', 'b.one') : result(clarify, 'a.one', 'b.two')), entry: (id) => entry(id) });
    expect(choices(one.say('请问这个怎么申报呢'))).toEqual(['企业', '个人', '都不是']);
    expect(choices(one.say('个人'))).toEqual(['b.three的问题', 'b.one的问题', 'b.two的问题', '都不是']);
  });

  it('leaves out answers that lead to nothing a citizen may see; one alone is no question', () => {
    const one = talk({ match: () => result(clarify, 'b.two', 'a.one'), entry: (id) => (id.startsWith('b') ? entry(id) : null) });
    expect(choices(one.say('请问这个怎么申报呢'))).toEqual(['b.two的问题', '都不是']);
  });

  it('never shows an item\'s code or a department\'s id: the best entry of each is offered instead', () => {
    for (const [facet, labels] of [['item', ['hukou.stay', 'hukou.move']], ['department', ['ps', 'civil-affairs']]] as const) {
      const coded: MatchDecision = { kind: 'clarify', facet, options: options.map(({ ids }, index) => ({ label: labels[index] ?? '', ids })) };
      const one = talk({ match: () => result(coded, 'b.two', 'a.one'), entry: (id) => entry(id) });
      expect(choices(one.say('请问这个怎么申报呢'))).toEqual(['b.two的问题', 'a.one的问题', '都不是']);
    }
  });

  it('keeps its number in an old state, and reads a state from before there were any', () => {
    const one = talk({ match: () => result(clarify, 'a.one'), entry: (id) => entry(id) });
    one.say('请问这个怎么申报呢');
    expect(choices(one.send({ type: 'message', text: '', keys: '9', attachments: 0 }))).toEqual(['企业', '个人', '都不是']);
    const data: JsonObject = { ...one.state.data };
    for (const name of ['clarified', 'town']) delete data[name];
    data['answered'] = { id: 'a.one', question: '问过的', item: null };
    data['frames'] = (Array.isArray(data['frames']) ? data['frames'] : []).map((frame) => {
      if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return frame;
      const { clarify: _later, ...older } = frame;
      return older;
    });
    const next = advance(realProgram(), { ...one.state, data }, { type: 'message', text: '没帮助', attachments: 0 }, facts({ match: () => result({ kind: 'abstain' }), entry: (id) => entry(id) }));
    expect(gaps(next.effects)).toEqual([{ kind: 'gap', why: 'unhelpful', question: '问过的', bestId: 'a.one', bestScore: 1 }]);
  });

  it('is never asked twice in a row, whatever is said, and a person is always one word away', () => {
    const words = fc.constantFrom('个人', '企业', '都不是', '1', '2', '9', '怎么申报呢', '再说一遍', '你好', '取消', '请问材料要哪些', '没帮助', '东城鸿福路路灯坏了', 'how do I apply');
    const steps = fc.array(fc.tuple(words, fc.constantFrom<MatchDecision['kind']>('clarify', 'clarify', 'choices', 'answer', 'abstain')), { minLength: 1, maxLength: 12 });
    fc.assert(fc.property(steps, fc.constantFrom('text' as const, 'voice' as const), (list, modality) => {
      let kind: MatchDecision['kind'] = 'clarify';
      const decide = (): MatchResult => {
        if (kind === 'clarify') return result(clarify, 'b.two', 'a.one');
        if (kind === 'choices') return result({ kind: 'choices', hits: [hit('b.two'), hit('a.one')] }, 'b.two', 'a.one');
        return kind === 'answer' ? result({ kind: 'answer', hit: hit('a.one') }, 'a.one') : result({ kind: 'abstain' });
      };
      const one = talk({ modality, match: decide, entry: (id) => entry(id) });
      let previous = '';
      for (const [text, next] of list) {
        kind = next;
        const open = one.state.data['clarified'] === true;
        const effects = one.say(text);
        const asks = choices(effects).includes('个人');
        // Again only as the same question, over the same words of the citizen.
        const state = JSON.stringify(one.state.data['frames']);
        const question = /"question":"([^"]*)"/.exec(state)?.[1] ?? '';
        if (asks && open) expect(question).toBe(previous);
        if (asks) previous = question;
        for (const effect of effects) if (effect.kind === 'say') expect((effect.choices ?? []).length).toBeLessThanOrEqual(9);
      }
      expect(kinds(one.say('人工'))).toEqual(expect.arrayContaining(['say']));
    }), { numRuns: 60 });
  });
});

describe('links', () => {
  it('go with an answer on a screen and not on the phone', () => {
    const given = { match: () => result({ kind: 'answer', hit: hit('a.one') }, 'a.one'), entry: (id: string) => entry(id, { links: [{ title: '网上办', url: 'https://city.example' }] }) };
    const of = (modality: 'text' | 'voice') => talk({ ...given, modality }).say('请问这个怎么申报呢').flatMap((effect) => (effect.kind === 'say' && effect.links !== undefined ? [effect.links] : []));
    expect(of('text')).toEqual([[{ title: '网上办', url: 'https://city.example' }]]);
    expect(of('voice')).toEqual([]);
  });
});

describe('a part of the last answer', () => {
  it('is not taken for one when a long message or another matter comes', () => {
    const one = talk(fakeKnowledge());
    one.say('居住证怎么办');
    expect(said(one.say(`要带什么材料${'，我家亲戚上次去问'.repeat(8)}`))).not.toContain('本人身份证原件');
    one.say('居住证怎么办');
    expect(said(one.say('驾驶证要带什么材料'))).not.toContain('本人身份证原件');
    one.say('居住证怎么办');
    expect(said(one.say('居住证要带什么材料'))).toContain('本人身份证原件');
  });

  it('is told in the middle of a form, which then goes on', () => {
    const one = talk(fakeKnowledge());
    one.say('东城鸿福路的路灯昨晚坏了');
    expect(said(one.say('居住证怎么办理啊'))).toContain('住满半年');
    const effects = one.say('要带什么材料呢');
    expect(said(effects)).toContain('本人身份证原件');
    expect(said(effects)).toMatch(/手机号/);
  });

  it('is kept to at most three sentences on the phone', () => {
    const steps = Array.from({ length: 12 }, (_none, at) => `第${at + 1}步。先做这个。再做那个！`);
    const one = talk({ modality: 'voice', match: () => result({ kind: 'answer', hit: hit('a.one') }, 'a.one'), entry: (id) => entry(id, { steps, materials: steps, fees: '甲。乙。丙。丁。', places: steps.slice(0, 3).map((name) => ({ name, address: name })) }) });
    one.say('请问这个怎么申报呢');
    for (const text of ['流程是什么', '要带什么材料', '要多少钱', '去哪里办']) {
      for (const effect of one.say(text)) if (effect.kind === 'say') expect((effect.speak ?? effect.text).split(/[。！？]/).filter((part) => part !== '').length).toBeLessThanOrEqual(3);
    }
  });
});

it('a state that cannot be read begins afresh', () => {
  const broken = { ...startState(realProgram()), data: { frames: [{ flow: 1 }] } };
  expect(kinds(advance(realProgram(), broken, { type: 'message', text: '你好', attachments: 0 }, facts()).effects)).toContain('say');
});
