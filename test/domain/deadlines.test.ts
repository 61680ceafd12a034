import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCity } from '../../src/config/city.ts';
import { deadlineClass, explainClock, ruleText, stageRule } from '../../src/domain/deadlines.ts';
import { createLegalClock } from '../../src/domain/legal-clock.ts';

const city = loadCity(fileURLToPath(new URL('../..', import.meta.url)));
const clock = createLegalClock(city.calendar);
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}:00+08:00`);

describe('deadline profiles', () => {
  it('takes the rule of the class, else the default, else none', () => {
    expect(stageRule(city.deadlines, 'sign', 'life')).toEqual({ amount: 15, unit: 'minutes' });
    expect(stageRule(city.deadlines, 'sign', 'general')).toEqual({ amount: 1, unit: 'workdays' });
    expect(stageRule(city.enterpriseDeadlines, 'sign', 'general')).toBe(null);
    expect(stageRule(city.enterpriseDeadlines, 'contact', 'consult')).toEqual({ amount: 1, unit: 'workhours' });
  });

  it('lets life and safety go before the item\'s class', () => {
    expect(deadlineClass(city.deadlines, 'general', 'emergency')).toBe('life');
    expect(deadlineClass(city.deadlines, 'utility', 'normal')).toBe('utility');
    expect(deadlineClass(city.deadlines, null, 'normal')).toBe('general');
  });

  it('says a rule as people do', () => {
    expect(ruleText({ amount: 5, unit: 'workdays' })).toBe('5个工作日');
    expect(ruleText({ amount: 15, unit: 'minutes' })).toBe('15分钟');
  });
});

describe('the clock in words', () => {
  it('replays a National Day with its make-up Saturday', () => {
    const told = explainClock(clock, { start: at('2026-09-30 10:00'), rule: { amount: 5, unit: 'workdays' }, holds: [], until: at('2026-10-10 09:00') });
    expect(told.dueAt).toBe(at('2026-10-13 17:30'));
    expect(told.used).toBe(2);
    expect(told.overdue).toBe(false);
    expect(told.lines).toEqual([
      '2026年9月30日 10:00 起算，时限5个工作日。',
      '9月30日（周三）：起算当日，不计。',
      '10月1日（周四）至10月2日（周五）：法定节假日，不计。',
      '10月3日（周六）至10月4日（周日）：周末，不计。',
      '10月5日（周一）至10月7日（周三）：法定节假日，不计。',
      '10月8日（周四）至10月10日（周六）：计3个工作日，其中10月10日（周六）为调休上班。',
      '10月11日（周日）：周末，不计。',
      '10月12日（周一）至10月13日（周二）：计2个工作日。',
      '到期时间：2026年10月13日 17:30。',
      '截至2026年10月10日 09:00，已计2个工作日，还剩3个工作日。',
    ]);
  });

  it('tells of a hold, and that there is no due time while it lasts', () => {
    const held = explainClock(clock, { start: at('2026-11-23 10:00'), rule: { amount: 24, unit: 'hours' }, holds: [{ from: at('2026-11-23 12:00'), to: null }], until: at('2026-11-24 08:00') });
    expect(held.dueAt).toBe(null);
    expect(held.lines).toEqual([
      '2026年11月23日 10:00 起算，时限24小时。',
      '11月23日（周一）10:00至11月23日（周一）12:00：计2小时。',
      '11月23日（周一）12:00至11月24日（周二）08:00：挂起，不计。',
      '正在挂起，恢复后继续计时。',
      '截至2026年11月24日 08:00，已计2小时，还剩22小时。',
    ]);
  });

  it('says when time is over', () => {
    const late = explainClock(clock, { start: at('2026-11-20 16:30'), rule: { amount: 2, unit: 'workhours' }, holds: [], until: at('2026-11-24 10:00') });
    expect(late.overdue).toBe(true);
    expect(late.dueAt).toBe(at('2026-11-23 09:30'));
    expect(late.lines.at(-1)).toBe('截至2026年11月24日 10:00，已超期。');
    expect(late.lines[1]).toBe('11月20日（周五）16:30至11月20日（周五）17:30：计1个工作小时。');
  });
});
