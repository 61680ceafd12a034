import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { EpochMs } from '../../domain/activity.ts';
import type { NotificationFacts, NotificationTemplate } from '../contract.ts';

/**
 * Approved templates of a WeChat account, as an operator names them in one setting (JSON): for each of the house's templates WeChat's id and which
 * of our facts fills which field. What a field may hold is in its name: `thing2`, `character_string1`, `time4`.
 * Source: developers.weixin.qq.com, "sending subscription messages", limits of parameter values.
 */

const FACTS = ['number', 'title', 'state', 'department', 'time'] as const satisfies readonly (keyof NotificationFacts)[];

/** Kinds that our facts can fill; and the names of old template messages, which take any text. */
const KINDS = ['thing', 'character_string', 'number', 'letter', 'phrase', 'name', 'time', 'date', 'first', 'keyword', 'remark', 'const'] as const;
type Kind = (typeof KINDS)[number];

const Field = Type.Union([Type.Enum([...FACTS]), Type.Object({ text: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false })]);
const Template = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9_-]{10,64}$' }),
    /** A long-term template: one consent holds until it is taken back. */
    lasting: Type.Optional(Type.Boolean()),
    /** Page of the mini-program that a tap opens; `{number}` is put in. */
    page: Type.Optional(Type.String({ maxLength: 1024 })),
    /** Official accounts: whose page, and an address for clients without mini-programs. */
    appId: Type.Optional(Type.String({ minLength: 1 })),
    url: Type.Optional(Type.String({ pattern: '^https?://' })),
    fields: Type.Record(Type.String({ pattern: `^(${KINDS.join('|')})\\d{0,2}$` }), Field, { minProperties: 1, maxProperties: 10, additionalProperties: false }),
  },
  { additionalProperties: false },
);
const TemplatesSchema = Type.Object({ progress: Type.Optional(Template), visit: Type.Optional(Template), callback: Type.Optional(Template), notice: Type.Optional(Template) }, { additionalProperties: false });
const templatesValidator = Compile(TemplatesSchema);
export type WechatTemplates = Static<typeof TemplatesSchema>;
export type WechatTemplate = Static<typeof Template>;

/** Empty text: none. */
export function readTemplates(text: string): { readonly templates: WechatTemplates } | { readonly fault: string } {
  if (text === '') return { templates: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'must be one line of JSON.' };
  }
  if (templatesValidator.Check(value)) return { templates: value };
  const [first] = templatesValidator.Errors(value);
  return { fault: `must name templates as README.md says${first === undefined ? '' : `: at ${first.instancePath === '' ? '/' : first.instancePath}`}.` };
}

const NAMES: readonly NotificationTemplate[] = ['progress', 'visit', 'callback', 'notice'];

/** Which of ours are WeChat's template of this id: one may stand for several. */
export function templatesOfId(templates: WechatTemplates, id: string): readonly { readonly name: NotificationTemplate; readonly lasting: boolean }[] {
  return NAMES.flatMap((name) => (templates[name]?.id === id ? [{ name, lasting: templates[name].lasting === true }] : []));
}

/** The fields as WeChat takes them; null: one cannot be filled from these facts. */
export function dataOf(template: WechatTemplate, facts: NotificationFacts, now: EpochMs): Readonly<Record<string, { readonly value: string }>> | null {
  const data: Record<string, { readonly value: string }> = {};
  for (const [key, from] of Object.entries(template.fields)) {
    const value = fit(kindOf(key), typeof from === 'string' ? facts[from] : from.text, now);
    if (value === null) return null;
    data[key] = { value };
  }
  return data;
}

function kindOf(key: string): Kind {
  const name = key.replace(/\d+$/, '');
  return KINDS.find((kind) => kind === name) ?? 'thing';
}

/** `pages/ticket?number={number}` with the ticket's number in its place. */
export function pageOf(page: string, facts: Pick<NotificationFacts, 'number'>): string {
  return page.replaceAll('{number}', encodeURIComponent(facts.number));
}

/** One line without signs that WeChat refuses. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\uFFFE\uFFFF]+/gu, ' ').replace(/\s+/g, ' ').trim();
}

const HAN = /[\u4e00-\u9fff]/g;

/** A value that keeps the rule of its kind; null: nothing of the text does. An empty one would be refused (47003). */
export function fit(kind: Kind, text: string, now: EpochMs): string | null {
  const line = plain(text);
  switch (kind) {
    case 'thing':
    case 'const':
      return cut(line, 20) || '无';
    case 'first':
    case 'keyword':
    case 'remark':
      return cut(line, 200) || '无';
    case 'character_string':
      return line.replace(/[^\x20-\x7e]/g, '').trim().slice(0, 32).trim() || null;
    case 'number':
      return /^\d{1,32}$/.test(line) ? line : null;
    case 'letter':
      return line.replace(/[^A-Za-z]/g, '').slice(0, 32) || null;
    case 'phrase':
      return (line.match(HAN) ?? []).slice(0, 5).join('') || null;
    case 'name':
      return (line.match(HAN) ?? []).slice(0, 10).join('') || line.replace(/[^A-Za-z ]/g, '').trim().slice(0, 20).trim() || null;
    case 'time':
    case 'date':
      return dated(line, now);
  }
}

function cut(text: string, most: number): string {
  const signs = [...text];
  return signs.length <= most ? text : `${signs.slice(0, most - 1).join('').trimEnd()}…`;
}

const DAY_MS = 24 * 3_600_000;
const BEIJING_OFFSET_MS = 8 * 3_600_000;

/** `11月24日 10:00` with the year that brings it nearest to now: WeChat wants all of it. */
function dated(text: string, now: EpochMs): string | null {
  const [, month = '', day = '', hour = '', minute = ''] = /^(\d{1,2})月(\d{1,2})日 (\d{1,2}):(\d{2})$/.exec(text) ?? [];
  if (month === '') return null;
  const year = new Date(now + BEIJING_OFFSET_MS).getUTCFullYear();
  const at = (of: number): number => Date.UTC(of, Number(month) - 1, Number(day), Number(hour), Number(minute)) - BEIJING_OFFSET_MS;
  const nearest = [year - 1, year, year + 1].reduce((best, of) => (Math.abs(at(of) - now) < Math.abs(at(best) - now) ? of : best), year);
  // A day that is not in the calendar (2月30日) would be refused.
  return new Date(at(nearest) + BEIJING_OFFSET_MS).getUTCDate() === Number(day) && Math.abs(at(nearest) - now) < 370 * DAY_MS ? `${nearest}年${Number(month)}月${Number(day)}日 ${hour.padStart(2, '0')}:${minute}` : null;
}
