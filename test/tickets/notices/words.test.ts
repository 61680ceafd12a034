import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR } from '../../../src/domain/clock.ts';
import { TICKET_STATES, type TicketEvent, type TicketEventType } from '../../../src/domain/ticket.ts';
import { hearsNotice } from '../../../src/tickets/notices/listen.ts';
import { progressOf } from '../../../src/tickets/notices/progress.ts';
import { quietUntil } from '../../../src/tickets/notices/quiet.ts';
import { joinedText, noticeText, visitText, type NoticeGiven } from '../../../src/tickets/notices/words.ts';
import { aTicket } from '../../factories/index.ts';
import { city } from '../../support/intake.ts';

const at = (text: string): number => Date.parse(`2026-11-24T${text}:00+08:00`);

describe('quiet hours', () => {
  const night = { from: '21:00', to: '08:00' };
  it.each([['20:59', null], ['21:00', '2026-11-25T08:00:00+08:00'], ['23:30', '2026-11-25T08:00:00+08:00'], ['00:00', '2026-11-24T08:00:00+08:00'], ['07:59', '2026-11-24T08:00:00+08:00'], ['08:00', null], ['12:00', null]])('at %s', (time, end) => {
    expect(quietUntil(night, at(time))).toBe(end === null ? null : Date.parse(end));
  });

  it('within a day, and never', () => {
    expect(quietUntil({ from: '12:00', to: '14:00' }, at('13:00'))).toBe(at('14:00'));
    expect(quietUntil({ from: '12:00', to: '14:00' }, at('14:00'))).toBeNull();
    expect(quietUntil({ from: '08:00', to: '08:00' }, at('09:00'))).toBeNull();
  });

  it('end within a day, at a moment that is not quiet', () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
    fc.assert(fc.property(time, time, fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }), (from, to, now) => {
      const end = quietUntil({ from, to }, now);
      if (end === null) return;
      expect(end).toBeGreaterThan(now);
      expect(end - now).toBeLessThanOrEqual(24 * HOUR);
      expect(quietUntil({ from, to }, end)).toBeNull();
    }));
  });
});

const DEPARTMENT = '市城管局';
const given = (type: TicketEventType, over: Partial<NoticeGiven> & { readonly data?: TicketEvent['data'] } = {}): NoticeGiven => ({
  ticket: aTicket({ title: '路灯不亮', departmentId: 'city', deadlineAt: at('18:00') }), event: { type, data: over.data ?? {} }, department: DEPARTMENT, refusals: city.ticketRules.reasons.refuse, locale: 'zh-CN', ...over,
});

describe('what a notice says', () => {
  it.each(city.ticketRules.notices.events)('%s has words of its own in both languages, and names the matter', (type) => {
    const event = type as TicketEventType;
    const zh = noticeText(given(event));
    expect(zh).toContain('路灯不亮');
    expect(zh).toMatch(/。$/);
    expect(zh).not.toMatch(/undefined|null|，，|。。/);
    expect(noticeText(given(event, { locale: 'en' }))).toMatch(/^Ticket .*\.$/);
  });

  it('a refusal tells why by its label, never the seat\'s own words', () => {
    const text = noticeText(given('ticket.refused', { data: { reasonCode: 'litigation', reason: '内部意见' } }));
    expect(text).toContain('诉讼、仲裁事项');
    expect(text).not.toContain('内部意见');
  });

  it('of a confidential ticket nothing but its number', () => {
    const { ticket } = given('ticket.signed');
    expect(noticeText(given('ticket.signed', { ticket: { ...ticket, confidential: true } }))).not.toContain('路灯');
    expect(noticeText(given('ticket.signed', { ticket: { ...ticket, confidential: true } }), 'voice')).not.toContain('路灯');
  });

  it('a merged ticket hears how its leading one stands, and of its end with the way back', () => {
    expect(noticeText(given('ticket.leader_moved', { data: { state: '办理中', event: 'ticket.signed' } }))).toContain(`${DEPARTMENT}正在办理`);
    expect(noticeText(given('ticket.leader_moved', { data: { state: '归档', archived: true, result: '已恢复供电' } }))).toMatch(/一并办结.*已恢复供电.*没解决/);
  });

  it('several become one: the newest of each ticket', () => {
    const other = aTicket({ title: '井盖破损' });
    const text = joinedText([given('ticket.signed'), given('ticket.escalated'), given('ticket.signed', { ticket: other })]);
    expect(text).toMatch(/^您有.*件诉求/);
    expect(text).toContain('井盖破损');
    const same = given('ticket.signed');
    const joined = joinedText([same, { ...same, event: { type: 'ticket.escalated', data: {} } }]);
    expect(joined).toContain('提级');
    expect(joined).not.toContain('签收');
  });

  it('a visit-back asks both questions and says what a no leads to', () => {
    expect(visitText(aTicket({ title: '路灯不亮', result: '已更换灯具' }), DEPARTMENT, 'zh-CN')).toMatch(/已更换灯具.*解决了吗.*1到5分.*重新办理/);
  });
});

describe('which events a citizen hears of', () => {
  const rules = { ...city.ticketRules, notices: { ...city.ticketRules.notices, events: ['ticket.dispatched'] } };
  it('those of the list; a visit-back always; not the dispatch at opening, which the citizen has just been told', () => {
    const ticket = aTicket();
    expect(hearsNotice(rules, 'ticket.dispatched', { ...ticket, dispatchedAt: ticket.createdAt + 1 })).toBe(true);
    expect(hearsNotice(rules, 'ticket.dispatched', { ...ticket, dispatchedAt: ticket.createdAt })).toBe(false);
    expect(hearsNotice(rules, 'ticket.signed', ticket)).toBe(false);
    expect(hearsNotice(rules, 'ticket.review_passed', ticket)).toBe(true);
    expect(hearsNotice(rules, 'ticket.visit_asked', ticket)).toBe(true);
  });
});

describe('progress in plain words', () => {
  const event = (type: TicketEventType, time: number): TicketEvent => ({ ticketId: 't', seq: 1, type, actor: { kind: 'system' }, at: time, data: {} });
  const progress = (over: Partial<Parameters<typeof progressOf>[0]> = {}) => progressOf({ ticket: aTicket({ title: '路灯不亮', state: '办理中', deadlineAt: at('18:00') }), events: [event('ticket.opened', at('08:30')), event('ticket.signed', at('09:10')), event('ticket.urged', at('11:00'))], department: DEPARTMENT, leading: null, now: at('12:00'), locale: 'zh-CN', ...over });

  it('says where it stands, since when, who, until when and what was last', () => {
    const { text, voice } = progress();
    expect(text).toMatch(/市城管局正在办理（11月24日 09:10起）。预计11月24日 18:00前办结。/);
    expect(text).toMatch(/最近动态：11月24日 11:00 您催办。/);
    expect(voice).toContain('从11月24日开始');
  });

  it('calls late what is late, and says who watches', () => {
    expect(progress({ now: at('21:30') }).text).toMatch(/原定11月24日 18:00前办结，已经超期3小时，很抱歉/);
    expect(progress({ now: at('21:30'), ticket: aTicket({ state: '办理中', deadlineAt: at('18:00'), supervision: 2 }) }).text).toContain('督办');
    expect(progress({ now: at('21:30'), locale: 'en' }).text).toMatch(/3 hours late; we are sorry/);
    expect(progress({ now: at('18:30') }).text).toContain('不到1小时');
  });

  it('a merged ticket tells the state of the leading one, without its number', () => {
    const leader = aTicket({ number: '20261101000027', state: '提级', deadlineAt: at('18:00') });
    const { text } = progress({ ticket: aTicket({ title: '停电', state: '待签收', leadingId: leader.id, deadlineAt: null }), leading: { ticket: leader, department: '市供电局' } });
    expect(text).toMatch(/合并办理。目前已提级/);
    expect(text).not.toContain('20261101');
  });

  it('has words for every state, in both languages, at most three sentences spoken', () => {
    for (const state of TICKET_STATES) {
      const ticket = aTicket({ state, title: '路灯不亮。', result: '已修好。', archivedAt: state === '归档' ? at('11:00') : null, closure: state === '归档' ? 'confirmed' : null });
      for (const locale of ['zh-CN', 'en'] as const) {
        const { text, voice } = progress({ ticket, locale });
        expect(`${text}${voice}`).not.toMatch(/undefined|null|。。/);
        expect(voice.split(/[。]|\.(?=\s|$)/).filter((part) => part.trim() !== '').length).toBeLessThanOrEqual(3);
      }
    }
  });
});
