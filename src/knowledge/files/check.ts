import { Compile } from 'typebox/compile';
import { allErrors } from '../../config/all-errors.ts';
import { KnowledgeEntrySchema, type KnowledgeEntry } from '../../domain/knowledge.ts';
import { maskText } from '../../domain/masking.ts';
import { personalData } from '../lint/personal.ts';
import { cellDay, type Cell } from './cells.ts';
import type { FaultRule, RowFault } from './faults.ts';
import { idFor } from './ids.ts';
import type { NameBook, Names } from './names.ts';
import { tidy } from './tidy.ts';

/** From what a row or a line says to an entry, or to every fault of it. Pure. */

const validator = Compile(KnowledgeEntrySchema);

export type Checked = { readonly entry: KnowledgeEntry; readonly faults: readonly [] } | { readonly entry: null; readonly id: string | null; readonly faults: readonly RowFault[] };

/** Longest value that a fault repeats. */
const SHOWN = 40;
const shown = (value: unknown): { readonly value?: string } => (typeof value === 'string' && value !== '' ? { value: maskText(value.replaceAll('\n', ' ')).text.slice(0, SHOWN) } : {});

/**
 * @param given an object in the shape of an entry; names and ids alike for department, towns, item, module and audience, days
 * as text, date or Excel's serial number; without an id it gets one
 * @param knownId the id that this question has already, when the row brings none
 */
export function checkEntry(given: unknown, names: Names, knownId: (module: KnowledgeEntry['module'], question: string) => string | null = () => null): Checked {
  const faults: RowFault[] = [];
  const days = { ...pick(given, 'effectiveFrom'), ...pick(given, 'expiresOn'), ...pick(given, 'reviewOn') };
  const tidied = tidy(withoutDays(given));
  if (typeof tidied !== 'object' || tidied === null || Array.isArray(tidied)) return { entry: null, id: null, faults: [{ field: 'row', rule: 'not_an_object' }] };
  const draft: Record<string, unknown> = { ...tidied };

  const resolve = (field: string, book: NameBook, value: unknown): unknown => {
    if (typeof value !== 'string') return value;
    const found = book.find(value);
    if ('id' in found) return found.id;
    faults.push({ field, rule: found.rule, ...shown(value) });
    return undefined;
  };
  const books: readonly (readonly [string, NameBook])[] = [['module', names.modules], ['department', names.departments], ['item', names.items], ['audience', names.audiences]];
  for (const [field, book] of books) if (draft[field] !== undefined) draft[field] = resolve(field, book, draft[field]);
  const lists: readonly (readonly [string, NameBook])[] = [['alsoDepartments', names.departments], ['towns', names.towns]];
  for (const [field, book] of lists) {
    const values = draft[field];
    if (Array.isArray(values)) draft[field] = values.map((value, index) => resolve(`${field}.${index}`, book, value));
  }
  for (const [field, value] of Object.entries(days)) {
    if (value === null || value === undefined || (typeof value === 'string' && value.trim() === '')) continue;
    const day = isCell(value) ? cellDay(value) : null;
    if (day === null) faults.push({ field, rule: 'not_a_day', ...shown(value) });
    else draft[field] = day;
  }
  draft['wordings'] ??= [];
  const { en } = draft;
  if (typeof en === 'object' && en !== null && !Array.isArray(en)) draft['en'] = { wordings: [], ...en };
  const [module, question] = [draft['module'], draft['question']];
  if (draft['id'] === undefined && isModule(module) && typeof question === 'string') draft['id'] = knownId(module, question) ?? idFor(module, question);

  // What failed to resolve has its fault already; for the check of the shape it is as if it were there.
  const told = new Set(faults.map(({ field }) => field.split('.')[0] ?? ''));
  if (!validator.Check(draft)) {
    for (const { keyword, instancePath, params } of allErrors(validator, draft)) {
      for (const fault of shapeFaults(keyword, instancePath, params, draft)) if (!told.has(fault.field.split('.')[0] ?? '') && !faults.some((known) => known.field === fault.field && known.rule === fault.rule)) faults.push(fault);
    }
  }
  if (typeof draft['effectiveFrom'] === 'string' && typeof draft['expiresOn'] === 'string' && draft['expiresOn'] < draft['effectiveFrom']) faults.push({ field: 'expiresOn', rule: 'days_reversed' });
  faults.push(...personalFaults(draft, ''));
  if (faults.length === 0 && validator.Check(draft)) return { entry: draft, faults: [] };
  return { entry: null, id: typeof draft['id'] === 'string' && faults.every(({ field }) => field !== 'id') ? draft['id'] : null, faults: faults.length === 0 ? [{ field: 'row', rule: 'not_an_object' }] : faults };
}

const DAYS = new Set(['effectiveFrom', 'expiresOn', 'reviewOn']);

function withoutDays(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
  return Object.fromEntries(Object.entries(given).filter(([key]) => !DAYS.has(key)));
}

function pick(given: unknown, key: string): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, key)) return {};
  return { [key]: Object.entries(given).find(([name]) => name === key)?.[1] };
}

function isCell(value: unknown): value is Cell {
  return typeof value === 'string' || typeof value === 'number' || value instanceof Date;
}

function isModule(value: unknown): value is KnowledgeEntry['module'] {
  return value === 'duties' || value === 'desk' || value === 'faq' || value === 'terms' || value === 'guides';
}

const KEYWORDS: Readonly<Record<string, FaultRule>> = { minLength: 'too_short', maxLength: 'too_long', maxItems: 'too_many', pattern: 'pattern', type: 'type' };
/** Fields whose value may be told: names of things, never sentences. */
const TELLABLE = /^(?:id|module|department|alsoDepartments|towns|item|audience|related)(?:\.|$)/;

function shapeFaults(keyword: string, instancePath: string, params: object, draft: object): RowFault[] {
  const field = instancePath.slice(1).replaceAll('/', '.');
  const below = (key: string): string => (field === '' ? key : `${field}.${key}`);
  if (keyword === 'required' && 'requiredProperties' in params && Array.isArray(params.requiredProperties)) return params.requiredProperties.map((key) => ({ field: below(String(key)), rule: 'required' }));
  if (keyword === 'additionalProperties' && 'additionalProperties' in params && Array.isArray(params.additionalProperties)) return params.additionalProperties.map((key) => ({ field: below(maskText(String(key)).text.slice(0, SHOWN)), rule: 'unknown_field' }));
  const rule = KEYWORDS[keyword];
  if (rule === undefined) return [];
  const limit = rule === 'too_long' || rule === 'too_short' || rule === 'too_many' ? Object.values(params).find((value) => typeof value === 'number') : undefined;
  if (limit !== undefined) return [{ field, rule, value: `${rule === 'too_short' ? '至少' : '最多'} ${String(limit)}` }];
  return [{ field, rule, ...(TELLABLE.test(field) ? shown(at(draft, field)) : {}) }];
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((here, part) => (typeof here === 'object' && here !== null ? Object.entries(here).find(([key]) => key === part)?.[1] : undefined), value);
}

/** Addresses of pages may hold long numbers; ids and days hold no texts. */
const NO_TEXT = /^(?:id|module|department|alsoDepartments|towns|item|audience|related|effectiveFrom|expiresOn|reviewOn|owner)(?:\.|$)|(?:^|\.)url$/;

function personalFaults(value: unknown, field: string): RowFault[] {
  if (NO_TEXT.test(field)) return [];
  if (typeof value === 'string') return personalData(value).map((kind) => ({ field, rule: `personal_${kind}` as const }));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => personalFaults(part, field === '' ? key : `${field}.${key}`));
}
