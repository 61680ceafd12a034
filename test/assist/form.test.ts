import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/assist/lines.ts';
import { thinkOf } from '../../src/assist/think.ts';
import type { FilledSlot, SlotName } from '../../src/assist/types.ts';
import { HOUR } from '../../src/domain/clock.ts';
import { asExternalId, type Activity } from '../../src/domain/activity.ts';
import { mind, NOW, talk, thoughtsOn, told } from './support.ts';

const slotsOf = (...said: readonly string[]): Partial<Record<SlotName, FilledSlot>> => Object.fromEntries(thoughtsOn(...said).form.slots.map((slot) => [slot.name, slot]));
const valuesOf = (...said: readonly string[]): Partial<Record<SlotName, string>> => Object.fromEntries(thoughtsOn(...said).form.slots.map(({ name, value }) => [name, value]));

describe('the ticket form, filled from the conversation', () => {
  it('fills what several messages tell, each with its words', () => {
    const slots = slotsOf('c: 你好', 'b: 您好，请讲。', 'c: 我要投诉，我家楼下工地半夜两点还在打桩，吵得老人睡不着', 'b: 请问在什么地方？', 'c: 东城鸿福路万达广场旁边', 'b: 什么时候的事？', 'c: 上周开始，每天晚上十二点到两点', 's: 您好，怎么称呼您？', 'c: 我姓陈，电话138****8000，处理完给我回个电话');
    expect(Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, slot?.value]))).toEqual({
      kind: '投诉', itemCode: 'env.noise.construction', title: '东城鸿福路万达广场旁边我家楼下工地半夜两点还在打桩', content: '我家楼下工地半夜两点还在打桩，吵得老人睡不着。',
      townId: 'dongcheng', place: '鸿福路万达广场旁边', happened: '上周开始，每天晚上十二点到两点', name: '陈', urgency: 'urgent', callback: 'true',
    });
    expect(slots.place?.from).toEqual([{ seq: 5, start: 0, end: 11, text: '东城鸿福路万达广场旁边' }]);
    expect(slots.kind?.from).toEqual([{ seq: 3, start: 2, end: 4, text: '投诉' }]);
    expect(slots.callback?.from[0]).toMatchObject({ seq: 9, text: '回个电话' });
  });

  it.each([
    ['不是莞城，是东城', 'dongcheng'],
    ['不对，是东城', 'dongcheng'],
    ['说错了，应该是东城', 'dongcheng'],
    ['唔系莞城，系东城', 'dongcheng'],
  ])('takes a correction: %s', (correction, town) => {
    const slots = slotsOf('c: 莞城运河边上路灯全坏了', 'b: 好的', `c: ${correction}`);
    expect(slots.townId).toMatchObject({ value: town, from: [{ seq: 3, text: '东城' }], note: expect.stringContaining('莞城') });
    // The content keeps the citizen's sentence, and says that it was put right.
    expect(slots.content?.value).toBe('莞城运河边上路灯全坏了。（镇街更正为东城街道）');
    expect(slots.title?.value).toBe('东城运河边上路灯全坏了');
  });

  it('corrects a place and a time, and believes what was denied no longer', () => {
    expect(valuesOf('c: 昨天在东城鸿福路有人乱倒垃圾', 'c: 不是昨天，是前天', 'c: 不对，地点应该是旗峰路')).toMatchObject({ happened: '前天', place: '旗峰路' });
    expect(valuesOf('c: 南城宏图路停水了', 'c: 我不在南城').townId).toBeUndefined();
  });

  it('takes the answer to a question before what was said by the way', () => {
    expect(valuesOf('c: 我住在东城花园小区，昨天买的手机是假货，店家不退钱', 's: 请问店在什么地方？', 'c: 虎门镇人民路18号')).toMatchObject({ townId: 'humen', place: '人民路18号' });
  });

  it('joins a road and what is beside it, when both were told', () => {
    expect(valuesOf('c: 东城旗峰路的井盖破了一个', 's: 具体在哪个位置？', 'c: 万达广场门口').place).toBe('旗峰路万达广场门口');
  });

  it('keeps a road when only its town was wrong, and drops it when it was wrong itself', () => {
    expect(valuesOf('c: 莞城鸿福路工地半夜打桩', 'c: 不对，不是莞城，是东城，万达广场旁边')).toMatchObject({ townId: 'dongcheng', place: '鸿福路万达广场旁边', title: '东城鸿福路工地半夜打桩' });
    expect(valuesOf('c: 东城鸿福路工地半夜打桩', 'c: 不是鸿福路，是旗峰路')).toMatchObject({ place: '旗峰路', content: '东城鸿福路工地半夜打桩。（地点更正为旗峰路）' });
  });

  it('leaves greetings, phone numbers and requests for a person out of the content', () => {
    const { content } = valuesOf('c: 你好，在吗', 'c: 转人工', 'c: 厂里拖欠我们三个月工资', 'c: 我电话是138****8000', 'c: 谢谢', 'c: 明天下午有空再打给我');
    expect(content).toBe('厂里拖欠我们三个月工资。');
  });

  it.each(['没有了，辛苦。', '好好好。', '谢谢哈', '没了没了', '好嘞谢谢啊。', '懂了，谢谢。', '先不用，我再想想', '好，等你电话。', '你登记吧'])('takes %s for no matter', (said) => {
    expect(valuesOf('c: 小区垃圾桶三天没人收', `c: ${said}`).content).toBe('小区垃圾桶三天没人收。');
  });

  it('keeps a trouble that ends in a question, and an enquiry that the bot has answered out of it', () => {
    expect(valuesOf('c: 健身房关门了，老板电话关机，这钱还要得回来吗？', 's: 请问店名？', 'c: 店叫力动健身', 'c: 好的')).toMatchObject({ kind: '投诉', itemCode: 'market.prepaid', content: '健身房关门了，老板电话关机，这钱还要得回来吗？店叫力动健身。' });
    const lines = talk('c: 居住证怎么办理', 'b: 带身份证到派出所', 'c: 东城鸿福路路灯坏了');
    const { form } = thinkOf(lines.map((line) => (line.seq === 2 ? { ...line, source: '居住证暂行条例' } : line)), told(), mind);
    expect(form.slots.find(({ name }) => name === 'content')?.value).toBe('东城鸿福路路灯坏了。');
  });

  it('says a thing once', () => {
    expect(valuesOf('c: 楼下烧烤店油烟很大', 'c: 楼下烧烤店油烟很大啊', 'c: 窗户都不敢开').content).toBe('楼下烧烤店油烟很大。窗户都不敢开。');
  });

  it('does not take a future appointment for the time it happened', () => {
    expect(valuesOf('c: 昨晚十点在东城鸿福路有出租车拒载', 'c: 明天下午两点联系我').happened).toBe('昨晚十点');
  });

  it.each([
    ['我要举报有人偷排污水', '举报'],
    ['建议在东城鸿福路加个红绿灯', '建议'],
    ['想送锦旗表扬民警', '表扬'],
    ['居住证怎么办理', '咨询'],
    ['我不是投诉，请问路灯坏了找谁', '咨询'],
    ['物业态度恶劣还乱收费', '投诉'],
    ['怎么又停水了', '求助'],
    ['凭什么别人能办我不能办', '投诉'],
  ])('finds the kind: %s', (said, kind) => {
    expect(valuesOf(`c: ${said}`).kind).toBe(kind);
  });

  it('hears wishes, and that they are taken back', () => {
    expect(valuesOf('c: 匿名举报黑作坊').confidential).toBe('true');
    expect(valuesOf('c: 投诉工地扰民，请不要透露我的信息').confidential).toBe('true');
    expect(valuesOf('c: 投诉工地扰民，匿名', 'c: 算了，不用匿名了').confidential).toBeUndefined();
    expect(valuesOf('c: 路灯坏了，修好了回复我').callback).toBe('true');
    expect(valuesOf('c: 路灯坏了，不用回复我').callback).toBeUndefined();
    expect(valuesOf('c: 推销公司天天打电话给我').callback).toBeUndefined();
  });

  it('keeps plates, companies, sums and people as details, newest correction first', () => {
    const details = Object.fromEntries(thoughtsOn('c: 粤S12345的货车闯红灯', 'c: 宏远制衣厂欠了三十几个工人四万块', 'c: 不对，是五万块').form.details.map(({ id, value }) => [id, value]));
    expect(details).toMatchObject({ plate: '粤S12345', company: '宏远制衣厂', people: '三十几个工人', amount: '五万块' });
  });

  it('takes what the bot filled where the citizen’s words tell nothing, and never a masked value', () => {
    const { form } = thinkOf(talk('c: 好的'), told({ flow: 'report', slots: [{ name: 'content', label: '内容', value: '楼下工地半夜打桩' }, { name: 'town', label: '镇街', value: '东城街道' }, { name: 'place', label: '地点', value: '138****8000' }] }), mind);
    expect(form.slots.find(({ name }) => name === 'content')).toMatchObject({ value: '楼下工地半夜打桩', from: [], note: expect.stringContaining('机器人') });
    expect(form.slots.find(({ name }) => name === 'townId')?.value).toBe('dongcheng');
    expect(form.slots.some(({ name }) => name === 'place')).toBe(false);
  });

  it('suggests nothing for a talk without a matter', () => {
    const thoughts = thoughtsOn('c: 你好', 'b: 您好', 'c: 谢谢，再见');
    expect([thoughts.form.slots, thoughts.questions, thoughts.knowledge.hints, thoughts.dispatch.items]).toEqual([[], [], [], []]);
  });

  it('never throws, and every span lies in its message', () => {
    const pieces = ['东城', '不是莞城，是', '鸿福路3号', '昨晚', '明天', '我姓陈', '粤S12345', '匿名', '不用回复我', '工地噪音', '？', '！！', '，', '。', '\n', '138****8000', '他妈的', '𨋢', '😡', 'hello', '不对'];
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), { maxLength: 8 }), (messages) => {
        const lines = talk(...messages.map((parts, index) => `${'cbs'.charAt(index % 3)}: ${parts.join('')}`));
        const { form, mood, knowledge } = thinkOf(lines, told(), mind);
        for (const { seq, start, end, text } of [...form.slots, ...form.details].flatMap(({ from }) => from).concat(mood.signs, knowledge.asked ?? [])) {
          expect(lines[seq - 1]?.role).toBe('citizen');
          expect(lines[seq - 1]?.text.slice(start, end)).toBe(text);
        }
      }),
      { numRuns: 80 },
    );
  });
});

describe('which part of a conversation counts', () => {
  const activity = (seq: number, at: number, content: Activity['content'], role: Activity['role'] = 'citizen'): Activity => ({ id: `a${seq}`, conversationId: 'c', seq, direction: 'in', channel: 'push', externalId: asExternalId(`x${seq}`), role, seatId: null, at, replyToId: null, content, channelData: null });
  const message = (text: string) => ({ type: 'message', text }) as const;

  it('is what came after the last end or the last long silence', () => {
    const lines = linesOf([activity(1, NOW - 40 * HOUR, message('老事')), activity(2, NOW - 3 * HOUR, message('旧事')), activity(3, NOW - 2 * HOUR, { type: 'endOfConversation', code: 'completedSuccessfully' }, 'system'), activity(4, NOW, message('新事'))]);
    expect(lines.map(({ text }) => text)).toEqual(['新事']);
    expect(linesOf([activity(1, NOW - 14 * HOUR, message('昨天')), activity(2, NOW - HOUR, message('今天')), activity(3, NOW, { type: 'typing' })]).map(({ text }) => text)).toEqual(['今天']);
  });
});
