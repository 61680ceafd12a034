import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConsentWords } from '../../src/outbound/consents.ts';
import { consentFor, mayReach, type ReachFacts, type WayFacts } from '../../src/outbound/may.ts';
import { checkOutboundRules, loadOutboundRules, WAYS, type OutboundRules } from '../../src/outbound/rules.ts';
import type { Consent } from '../../src/store/contract.ts';
import { quietUntil } from '../../src/tickets/notices/quiet.ts';

const rules = loadOutboundRules(fileURLToPath(new URL('../..', import.meta.url)));
const meaning = createConsentWords(rules);
const DAY = 86_400_000;
/** 10:00 in Beijing. */
const MORNING = Date.UTC(2026, 10, 23, 2);

const consent = fc.record<Consent>({ citizenId: fc.constant('c1'), channel: fc.constantFrom('all', 'sms', 'sms-aliyun', 'call', 'wechat-miniprogram'), template: fc.constantFrom('all', 'progress', 'visit'), state: fc.constantFrom('allowed', 'refused', 'left'), left: fc.integer({ min: 0, max: 2 }), at: fc.integer({ min: 0, max: 5 }) });
const amounts = fc.record({ day: fc.integer({ min: 0, max: 5 }), week: fc.integer({ min: 0, max: 12 }) });
const facts = fc.record<ReachFacts>({
  now: fc.integer({ min: MORNING, max: MORNING + 3 * DAY }), template: fc.constantFrom('progress', 'visit', 'callback', 'notice'), urgent: fc.boolean(), confidential: fc.boolean(),
  consents: fc.array(consent, { maxLength: 4 }), amounts: fc.record({ notification: amounts, call: amounts }), spentFen: fc.integer({ min: 0, max: rules.costPerDayFen + 100 }),
});
const way = fc.constantFrom(...WAYS).chain((one) => fc.record<WayFacts>({ way: fc.constant(one), channel: fc.constant(rules.ways[one].channels[0] ?? ''), on: fc.boolean(), tried: fc.boolean(), addressKnown: fc.boolean(), costFen: fc.integer({ min: 0, max: 100 }) }));

describe('may a citizen be reached?', () => {
  it('is allowed only where nothing at all speaks against it', () => {
    fc.assert(fc.property(facts, way, (given, by) => {
      const verdict = mayReach(rules, given, by);
      const said = consentFor(given.consents, by.channel, by.way, given.template);
      const kind = by.way === 'call' ? 'call' : 'notification';
      const refused = !rules.templates[given.template].includes(by.way) || (given.confidential && !rules.confidential.includes(by.way)) || by.tried || !by.on || !by.addressKnown || said === 'refused' || (rules.ways[by.way].needsConsent && !given.consents.some(({ channel, template, state, left }) => channel === by.channel && (template === 'all' || template === given.template) && state !== 'refused' && (state === 'allowed' || left > 0)));
      const { day, week } = given.amounts[kind];
      const waits = !given.urgent && (quietUntil(rules.quiet, given.now) !== null || day >= rules.caps[kind].day || week >= rules.caps[kind].week || given.spentFen + by.costFen > rules.costPerDayFen);
      expect(verdict.kind).toBe(refused ? 'refused' : waits ? 'later' : 'allowed');
    }));
  });

  it('“later” is later, and never in the quiet hours', () => {
    fc.assert(fc.property(facts, way, (given, by) => {
      const verdict = mayReach(rules, given, by);
      if (verdict.kind !== 'later') return;
      expect(verdict.at).toBeGreaterThan(given.now);
      expect(verdict.at - given.now).toBeLessThanOrEqual(2 * DAY);
      expect(quietUntil(rules.quiet, verdict.at)).toBeNull();
    }));
  });

  it('an urgent matter is never told to wait; stop means stop for it too', () => {
    fc.assert(fc.property(facts, way, (given, by) => {
      const urgent = { ...given, urgent: true };
      expect(mayReach(rules, urgent, by).kind).not.toBe('later');
      const stopped = { ...urgent, consents: [...given.consents, { citizenId: 'c1', channel: 'all', template: 'all', state: 'refused' as const, left: 0, at: 9 }] };
      expect(mayReach(rules, stopped, by).kind).toBe('refused');
    }));
  });

  it('the last word counts, whoever carries the message', () => {
    const said = (channel: string, state: Consent['state'], at: number, left = 0): Consent => ({ citizenId: 'c1', channel, template: 'all', state, left, at });
    expect(consentFor([said('sms', 'refused', 1)], 'sms-tencent', 'sms', 'progress')).toBe('refused');
    expect(consentFor([said('sms', 'refused', 1)], 'ivr-jambonz', 'call', 'visit')).toBe('none');
    expect(consentFor([said('all', 'refused', 1), said('wechat-miniprogram', 'left', 2, 1)], 'wechat-miniprogram', 'subscription', 'progress')).toBe('allowed');
    expect(consentFor([said('wechat-miniprogram', 'left', 2, 1), said('all', 'refused', 3)], 'wechat-miniprogram', 'subscription', 'progress')).toBe('refused');
    expect(consentFor([said('wechat-miniprogram', 'left', 2, 0)], 'wechat-miniprogram', 'subscription', 'progress')).toBe('none');
    expect(consentFor([said('sms', 'allowed', 4), said('sms', 'refused', 4)], 'sms-aliyun', 'sms', 'progress')).toBe('refused');
  });

  it('hears the word whole, by text message and in a chat', () => {
    expect(['退订', ' TD ', 'ｔｄ。', 'T', '“退订”！'].map((text) => meaning(text, 'sms'))).toEqual(['stop', 'stop', 'stop', 'stop', 'stop']);
    expect(['退订', 'T', 'td', '怎么退订宽带', '恢复通知', '好的'].map((text) => meaning(text, 'chat'))).toEqual(['stop', null, null, null, 'start', null]);
    expect(['解决了，5分', '没解决', '5', '退订宽带一直扣费', '谢谢！', '。'].map((text) => meaning(text, 'sms'))).toEqual([null, null, null, null, 'idle', null]);
  });

  it('finds what the shapes of the file cannot say', () => {
    const broken: OutboundRules = { ...rules, ways: { ...rules.ways, call: { ...rules.ways.call, channels: ['sms-aliyun'] } }, caps: { ...rules.caps, call: { day: 3, week: 1 } }, words: { ...rules.words, start: { sms: ['td'], chat: ['恢复通知'] } } };
    expect(checkOutboundRules(rules)).toEqual([]);
    expect(checkOutboundRules(broken).map(({ pointer }) => pointer)).toEqual(['/ways/call/channels/0', '/caps/call/week', '/words/start/sms/0']);
  });
});
