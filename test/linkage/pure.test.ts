import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import ExcelJS from 'exceljs';
import { describe, expect, it } from 'vitest';
import { readAcknowledgement } from '../../src/linkage/acknowledge.ts';
import { openLinkageHouse } from '../../src/linkage/context.ts';
import { flatten, grow, LEAVES, type LeafKind } from '../../src/linkage/leaves.ts';
import { least, openingOf, sharesOf, ticketRecord, wordsOf } from '../../src/linkage/mapping.ts';
import { lintLinkage, type Profile, type Rule } from '../../src/linkage/profile.ts';
import { dayBefore, dayStart, reconcile } from '../../src/linkage/reconcile.ts';
import { type ExchangeRecord, readRecord, RecordSchema } from '../../src/linkage/record.ts';
import { writeReconciliation } from '../../src/linkage/render.ts';
import { rulesFor } from '../../src/linkage/rules.ts';
import { decodeRecords, digestOf, encodeRecord } from '../../src/linkage/wire.ts';
import { isAppError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { LinkageLink, LinkageMessage } from '../../src/store/contract.ts';
import { aTicket } from '../factories/index.ts';
import { city } from '../support/intake.ts';
import { aRecord, profileOf, ROOT, shipped } from './support.ts';

const TOWN = city.towns[0];
const ITEM = city.items[0];
if (TOWN === undefined || ITEM === undefined) throw new Error('the demo city is empty');

/** Any text that a record may hold and every form carries: no control characters (they are cleaned away before), no lone surrogates. */
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => text.trim() === text && text !== '' && !/[\u0000-\u0008\u000B-\u001F\u007F\uFFFE\uFFFF]/.test(text));
const aTime = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => `${new Date(seconds * 1_000).toISOString().slice(0, 19)}+08:00`);
const DEGREES = fc.integer({ min: -80_000_000, max: 80_000_000 }).map((millionths) => millionths / 1e6);
const SPECIAL: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
  'citizen.sex': fc.constantFrom('male', 'female', 'unknown'), 'citizen.requesterType': fc.constantFrom('person', 'company'), 'demand.type': fc.constantFrom('咨询', '投诉', '表扬'), 'handling.urgency': fc.constantFrom('normal', 'emergency'),
  'demand.position.longitude': DEGREES, 'demand.position.latitude': DEGREES, 'handling.supervision': fc.integer({ min: 0, max: 3 }), 'handling.urges': fc.nat(99), 'result.callback.processSatisfaction': fc.integer({ min: 1, max: 5 }),
  'link.direction': fc.constantFrom('to-12345', 'from-12345'), 'link.mode': fc.constantFrom('phone', 'system'), 'demand.areaCode': fc.constantFrom('441900003'),
  'demand.attachments': fc.array(fc.record({ url: words, sha256: fc.constant('a'.repeat(64)), sizeBytes: fc.nat() }), { maxLength: 3 }), 'handling.assist': fc.array(words, { maxLength: 3 }),
  'handling.transfers': fc.array(fc.record({ at: aTime, reason: words }), { maxLength: 2 }), 'handling.returns': fc.array(fc.record({ at: aTime, reason: words }), { maxLength: 2 }), 'handling.extensions': fc.array(fc.record({ at: aTime, amount: fc.nat(30) }), { maxLength: 2 }),
};
const IS_TIME = /(\.at|acceptedAt|dueAt|handledAt|archivedAt)$/;
const ofKind = (path: string, kind: LeafKind): fc.Arbitrary<JsonValue> => SPECIAL[path] ?? (IS_TIME.test(path) ? aTime : kind === 'boolean' ? fc.boolean() : words.filter((text) => [...text].length <= 16));
const FIXED = new Set(['format', 'profile', 'kind', 'version', 'sentAt', 'identity.externalNo', 'demand.content', 'demand.position.datum']);
const free = [...LEAVES].filter(([path]) => !FIXED.has(path));

/** Any record: each field is there or not. */
const records = fc.tuple(fc.subarray(free), fc.integer({ min: 1, max: 999 }), words, words, aTime).chain(([chosen, version, number, content, sentAt]) =>
  fc.tuple(...chosen.map(([path, kind]) => ofKind(path, kind).map((value): [string, JsonValue] => [path, value]))).map((values) => {
    const leaves = new Map<string, JsonValue>([['format', 'yihu-exchange-1'], ['profile', 'renminwang'], ['kind', 'dispatch'], ['version', version], ['sentAt', sentAt], ['identity.externalNo', number], ['demand.content', content], ...values]);
    const whole = leaves.has('demand.position.longitude') && leaves.has('demand.position.latitude');
    if (whole) leaves.set('demand.position.datum', 'WGS-84');
    else for (const axis of ['longitude', 'latitude']) leaves.delete(`demand.position.${axis}`);
    return readRecord(grow(leaves));
  }));

const renamed = Object.fromEntries([...LEAVES.keys()].filter((path) => path !== 'format' && path !== 'profile').map((path, at) => [path, `字段${at}.值`]));
const plain = profileOf('renminwang');
const forms = (['json', 'xml', 'csv'] as const).flatMap((format): [string, Profile][] => {
  const transport = { kind: 'files', format } as const;
  return [[`${format}, canonical`, { ...plain, transport }], [`${format}, renamed and coded`, { ...plain, transport, fields: renamed, codes: { kind: { dispatch: '10', supplement: '20' }, 'demand.type': { 咨询: 'ZX', 投诉: 'TS', 表扬: 'BY' }, 'handling.urgency': { normal: '0', emergency: '9' } } }]];
});

describe('the exchange record', () => {
  it('is what docs/linkage.schema.json says', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'docs/linkage.schema.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...RecordSchema })));
  });

  it.each(forms)('comes back as it went: %s', (_name, profile) => {
    fc.assert(fc.property(records, (record) => {
      const [back, ...more] = decodeRecords(profile, encodeRecord(profile, record));
      expect(more).toEqual([]);
      expect(back).toEqual({ record });
      expect(back !== undefined && 'record' in back && digestOf(back.record) === digestOf(record)).toBe(true);
    }), { numRuns: 50 });
  });

  it('carries only what the profile lists, and is read from texts, numbers and several records at once', () => {
    const yangguang = profileOf('yangguang');
    const sent = encodeRecord(yangguang, aRecord());
    expect(sent).toContain('节目编号');
    expect(sent).not.toContain('441900003');
    const two = `类型,版本,发出时间,节目编号,内容\r\n派转,1,2026-11-22T20:00:00+08:00,YG-1,路灯不亮\r\n派转,x,2026-11-22T20:00:00+08:00,YG-2,井盖\r\n`;
    expect(decodeRecords(yangguang, two)).toMatchObject([{ record: { kind: 'dispatch', identity: { externalNo: 'YG-1' }, demand: { content: '路灯不亮' } } }, { number: 'YG-2', version: null, error: { code: 'linkage.invalid' } }]);
    expect(decodeRecords(yangguang, two.replace('派转,1', '别的,1'))).toMatchObject([{ error: { code: 'linkage.unknown_code' } }, {}]);
    expect(decodeRecords(plain, JSON.stringify({ records: [aRecord(), { ...aRecord(), version: '2' }] }))).toMatchObject([{ record: { version: 1 } }, { record: { version: 2 } }]);
  });

  it('is refused with the names of what is wrong, never with the values', () => {
    const faults = (change: object): string => {
      const [first] = decodeRecords(plain, JSON.stringify({ ...aRecord(), ...change }));
      return first !== undefined && 'error' in first ? first.error.citizenText : '';
    };
    expect(faults({ version: 0 })).toContain('version');
    expect(faults({ sentAt: '2026-11-23 09:00' })).toContain('sentAt');
    expect(faults({ sentAt: '2026-13-45T09:00:00+08:00' })).toContain('sentAt');
    expect(faults({ kind: 'refusal' })).toContain('link.refusalReason');
    expect(faults({ demand: {} })).toContain('demand.content');
    expect(faults({ citizen: { phone: 13800138000, secret: 'x' } })).not.toContain('13800138000');
    expect(faults({ secret: 'x' })).toContain('secret');
    expect(faults({ profile: 'other' })).toContain('profile');
    for (const text of ['', 'null', '[1]', '{', '{"a":'.repeat(50_000), '"x"']) expect(() => decodeRecords(plain, text), text.slice(0, 9)).toThrow(expect.objectContaining({ code: 'linkage.unreadable' }));
    const xml = { ...plain, transport: { kind: 'files', format: 'xml' } as const };
    for (const text of ['<!DOCTYPE r [<!ENTITY a "b">]><record/>', '<record><a></record>', 'x']) expect(() => decodeRecords(xml, text)).toThrow(expect.objectContaining({ code: 'linkage.unreadable' }));
  });

  it('never breaks on any text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.json().map((text) => `<record>${text}</record>`)), fc.constantFrom(...forms), (text, [, profile]) => {
      try {
        for (const one of decodeRecords(profile, text)) expect('record' in one || isAppError(one.error)).toBe(true);
      } catch (error) {
        expect(isAppError(error) && error.status < 500).toBe(true);
      }
    }), { numRuns: 120 });
  });

  it('gives positions in the datum of the profile, and takes them from it', () => {
    const gcj = { ...plain, datum: 'GCJ-02' as const };
    const record = aRecord({ demand: { content: 'x', position: { longitude: 113.75, latitude: 23.02, datum: 'WGS-84' } } });
    const sent: ExchangeRecord = JSON.parse(encodeRecord(gcj, record));
    expect(sent.demand?.position).toMatchObject({ datum: 'GCJ-02' });
    expect(Math.abs((sent.demand?.position?.longitude ?? 0) - 113.75)).toBeGreaterThan(0.003);
    expect(openingOf(city, sent).place).toContain('WGS-84 23.0200');
    expect(openingOf(city, sent).place).toMatch(/,113\.7(4999|5000)/);
  });
});

describe('a ticket as a record', () => {
  const link = { externalNo: 'J-1', direction: 'out', mode: 'system', threeParty: true, emergency: true, incidentNo: 'JQ-9' } as const;
  const facts = (over: Parameters<typeof aTicket>[0] = {}) => ({ ticket: aTicket({ citizenId: 'c', itemCode: ITEM.code, townId: TOWN.id, place: '东城大道 1 号 （WGS-84 23.020000,113.750000）', ...over }), link, events: [], requests: [], files: [], person: {}, leadingNumber: null });
  const words = { kind: 'dispatch', version: 1, at: Date.parse('2026-11-23T01:00:00Z') } as const;

  it('is whole, in Beijing time, and opens the like of it at the other end', () => {
    fc.assert(fc.property(fc.constantFrom(...city.items), fc.constantFrom(...city.towns), fc.constantFrom('投诉', '求助', '举报'), fc.boolean(), (item, town, kind, emergency) => {
      const given = facts({ itemCode: item.code, townId: town.id, kind, urgency: emergency ? 'emergency' : 'normal' });
      const record = readRecord(JSON.parse(JSON.stringify(ticketRecord(city, profileOf('police-110'), { ...given, link: { ...link, emergency } }, words))));
      expect(record.sentAt).toBe('2026-11-23T09:00:00+08:00');
      expect(record.link).toEqual({ direction: 'from-12345', emergency, mode: 'system', threeParty: true, incidentNo: 'JQ-9' });
      const { ticket } = given;
      expect(openingOf(city, record)).toMatchObject({ ticketKind: kind, itemCode: item.code, townId: town.id, title: ticket.title, urgency: ticket.urgency });
      expect(openingOf(city, record).content).toContain(ticket.content);
      expect(openingOf(city, record).place).toContain('WGS-84 23.020000,113.750000');
    }), { numRuns: 30 });
  });

  it('tells of the citizen and the place what the profile allows, and of a confidential matter less', () => {
    const open = profileOf('police-110');
    const shut = profileOf('renminwang');
    expect(sharesOf(open, { confidential: true })).toEqual({ name: 'clear', phone: 'clear' });
    expect(sharesOf(profileOf('yueshengxin'), { confidential: false })).toEqual({ name: 'masked', phone: 'masked' });
    expect(sharesOf(profileOf('yueshengxin'), { confidential: true })).toEqual({ name: 'no', phone: 'no' });
    expect([least('clear', 'no'), least('masked', 'clear')]).toEqual(['no', 'masked']);
    expect(ticketRecord(city, shut, facts(), words).demand).not.toHaveProperty('address');
    expect(ticketRecord(city, shut, facts(), words).demand).not.toHaveProperty('position');
    expect(ticketRecord(city, open, facts(), words).demand).toMatchObject({ position: { datum: 'WGS-84' } });
    // Whatever stands in the words is masked once more.
    expect(JSON.stringify(ticketRecord(city, open, facts({ content: '打我电话13800138000' }), { ...words, note: '回拨13800138000' }))).not.toContain('13800138000');
  });

  it('says in words what a record of theirs brings, and keeps what has no place of its own', () => {
    expect(wordsOf(aRecord({ kind: 'refusal', link: { refusalReason: '不属警情' } }))).toBe('不属警情');
    const opening = openingOf(city, aRecord({ demand: { content: '内容\u0007', categoryCode: 'X9', categoryScheme: 'DB44/T 2479', involvedParty: '某工地' }, citizen: { phone: '138****8000', companyName: '某厂' }, link: { incidentNo: 'JQ-1', emergency: true } }));
    expect(opening).toMatchObject({ itemCode: null, phone: null, urgency: 'emergency', content: '内容\n来源分类：X9（DB44/T 2479）\n涉及对象：某工地\n诉求单位：某厂\n警情（事件）编号：JQ-1' });
  });
});

describe('config/linkage.yaml', () => {
  const lint = (profile: Partial<Profile>, rules: readonly Rule[] = []) => lintLinkage({ profiles: [{ ...plain, ...profile }], rules: [...rules] }).map(({ pointer }) => pointer);

  it('ships without a fault, all of it off', () => {
    expect(lintLinkage(shipped)).toEqual([]);
    expect(shipped.profiles.map(({ id }) => id)).toEqual(['police-110', 'fire-119', 'medical-120', 'traffic-122', 'renminwang', 'yueshengxin', 'yangguang']);
    expect(shipped.profiles.filter(({ active }) => active)).toEqual([]);
    expect(shipped.profiles.filter(({ number }) => number !== undefined).map(({ number }) => number)).toEqual(['110', '119', '120', '122']);
  });

  it('is told where a fault stands', () => {
    expect(lint({ fields: { kind: 'a', version: 'b', 'identity.externalNo': 'c', 'identity.ticketNo': 'c' } })).toContain('/profiles/0/fields/identity.externalNo');
    expect(lint({ fields: { kind: 'a', version: 'b', 'identity.externalNo': 'c', 'identity.ticketNo': 'd', 'demand.nothing': 'e' } })).toEqual(['/profiles/0/fields/demand.nothing']);
    expect(lint({ fields: { kind: 'a' } })).toEqual(['/profiles/0/fields', '/profiles/0/fields', '/profiles/0/fields']);
    expect(lint({ codes: { 'demand.type': { 投诉: '1', 举报: '1' } } })).toEqual(['/profiles/0/codes/demand.type/举报']);
    expect(lint({ codes: { kind: { dispatch: '1' } } }).length).toBeGreaterThan(3);
    expect(lint({ codes: { 'handling.urges': { 1: 'x' } } })).toEqual(['/profiles/0/codes/handling.urges']);
    expect(lint({ number: '110' })).toEqual(['/profiles/0/number']);
    expect(lint({ takes: [] })).toEqual(['/profiles/0/takes']);
    expect(lint({ reconcile: 'daily' })).toEqual(['/profiles/0/reconcile']);
    expect(lint({}, [{ id: 'r', when: { words: ['x'] }, to: 'nobody', how: 'suggest', why: 'x' }, { id: 'r', when: { words: ['x'] }, to: 'renminwang', how: 'suggest', why: 'x' }])).toEqual(['/rules/0/to', '/rules/1/id', '/rules/1/to']);
  });

  it('is on by a setting, and off where a setting is missing; a wrong one is named and not repeated', () => {
    const house = openLinkageHouse(shipped, { LINKAGE_ACTIVE: 'police-110, renminwang', LINKAGE_POLICE_110_URL: 'https://110.example/exchange' }, '/data');
    expect(house.endpoints.filter(({ on }) => on).map(({ profile }) => profile.id)).toEqual(['renminwang']);
    expect(house.endpoint('police-110')).toMatchObject({ on: false, missing: ['LINKAGE_POLICE_110_SECRET'], dial: null });
    expect(house.endpoint('renminwang')?.folder).toBe('/data/linkage/renminwang');
    expect(() => openLinkageHouse(shipped, { LINKAGE_ACTIVE: 'nobody', LINKAGE_POLICE_110_SECRET: 'too-short', LINKAGE_POLICE_110_DIAL: 'ring me' }, '/')).toThrow(/LINKAGE_ACTIVE[\s\S]*_SECRET[\s\S]*_DIAL/);
  });

  it('says what goes to whom', () => {
    const to = (matter: Parameters<typeof aTicket>[0] | null, emergency: string | null): string[] => rulesFor(shipped.rules, matter === null ? null : aTicket({ citizenId: 'c', ...matter }), emergency).map((rule) => `${rule.to} ${rule.how}`);
    expect(to(null, 'fire')).toEqual(['fire-119 suggest']);
    expect(to(null, 'suicide')).toEqual(['police-110 suggest', 'medical-120 suggest']);
    expect(to(null, null)).toEqual([]);
    expect(to({ title: '楼下', content: '有人持刀', urgency: 'emergency' }, null)).toEqual(['police-110 at-once', 'police-110 suggest']);
    expect(to({ title: '楼下', content: '路灯不亮', urgency: 'emergency' }, null)).toEqual([]);
  });

  it('reads answers by the codes of the profile', () => {
    const read = (status: number, body: string) => readAcknowledgement(plain, status, body).kind;
    expect([read(200, '{"code":0}'), read(200, '<r><code>0</code><message>好</message></r>'), read(200, ''), read(202, ''), read(200, '{"code":"1","message":"x"}'), read(200, '{"code":"77"}'), read(503, ''), read(422, '')]).toEqual(['accepted', 'accepted', 'accepted', 'later', 'refused', 'failed', 'failed', 'refused']);
  });
});

describe('reconciliation', () => {
  const link: LinkageLink = { id: 'l', profile: 'renminwang', ticketId: 't', externalNo: '=RM', direction: 'in', mode: 'system', threeParty: false, emergency: false, incidentNo: null, state: 'open', reason: null, sentVersion: 2, receivedVersion: 1, owes: 'feedback', dueAt: 5, overdueAt: 6, createdBy: 'x', createdAt: 1, updatedAt: 1 };
  const message = (over: Partial<LinkageMessage>): LinkageMessage => ({ id: 'm', linkId: 'l', profile: 'renminwang', direction: 'in', number: 'RM', version: 1, kind: 'dispatch', state: 'applied', code: null, text: null, digest: '', repeats: 0, early: false, attempts: 0, outboxId: null, createdAt: 1, sentAt: null, endedAt: null, ackBy: null, ...over });
  const held = [message({ version: 4, state: 'held', early: true }), message({ version: 6, state: 'held', early: true })];
  const messages = [message({ repeats: 2 }), ...held, message({ direction: 'out', number: 'T', version: 1, state: 'acknowledged' }), message({ direction: 'out', number: 'T', version: 2, state: 'dead', code: 'http.500' })];
  const given = { profile: 'renminwang', name: '人民网', day: '2026-11-22', now: 9, messages, holding: [{ link, held }], late: [link], list: null };

  it('counts, and names what is missing, late and out of order', () => {
    const report = reconcile(given);
    expect(report.counts).toEqual({ sent: 2, acknowledged: 1, refusedByThem: 0, unacknowledged: 0, waiting: 0, dead: 1, received: 3, applied: 1, refusedByUs: 0, held: 2, repeated: 2, outOfOrder: 2, missing: 3, overdue: 1 });
    expect(report.missing).toEqual([{ number: 'RM', from: 2, to: 3, since: 1 }, { number: 'RM', from: 5, to: 5, since: 1 }]);
    expect([report.agrees, report.list, report.open.length]).toEqual([false, null, 3]);
    expect(reconcile({ ...given, messages: [], holding: [], late: [] }).agrees).toBe(true);
  });

  it('compares with their list, both ways', () => {
    const list = { at: 8, lines: [{ direction: 'sent', number: 'RM', version: 1 }, { direction: 'sent', number: 'RM', version: 2 }, { direction: 'received', number: 'T', version: 9 }] as const };
    expect(reconcile({ ...given, list }).list).toMatchObject({ lines: 3, agreed: 1, notHere: [{ number: 'RM', version: 2 }], notTheirs: [{ version: 4 }, { version: 6 }], notThere: [{ number: 'T', version: 1 }], notOurs: [{ number: 'T', version: 9 }] });
  });

  it('is a file of each form, and no formula', async () => {
    const report = reconcile({ ...given, messages: [message({ number: '=1+1', state: 'refused' })] });
    expect(JSON.parse((await writeReconciliation(report, 'json')).toString())).toEqual(report);
    const csv = (await writeReconciliation(report, 'csv')).toString();
    expect(csv).toContain("'=1+1");
    expect(csv).toContain('缺号,来,RM,2,至 3');
    const book = new ExcelJS.Workbook();
    const bytes = await writeReconciliation(report, 'xlsx');
    await book.xlsx.load(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
    const sheet = book.getWorksheet('对账');
    expect(String(sheet?.getCell('A1').value)).toContain('有差异');
    expect(sheet?.rowCount).toBeGreaterThan(15);
  });

  it('knows Beijing days', () => {
    expect(dayBefore(Date.parse('2026-11-22T16:30:00Z'))).toBe('2026-11-22');
    expect(dayStart('2026-11-22')).toBe(Date.parse('2026-11-21T16:00:00Z'));
    for (const day of ['2026-02-30', 'x', '2026-1-1']) expect(() => dayStart(day)).toThrow(expect.objectContaining({ code: 'linkage.bad_day' }));
  });
});

describe('leaves', () => {
  it('grow back, whatever the names', () => {
    expect(grow(flatten({ a: { b: 1, c: [1] }, d: 'x' }))).toEqual({ a: { b: 1, c: [1] }, d: 'x' });
    expect(Object.getPrototypeOf(grow(new Map([['__proto__.polluted', true]])))).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
