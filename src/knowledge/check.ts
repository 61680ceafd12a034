import { AppError } from '../domain/errors.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { Repositories } from '../store/contract.ts';
import { checkEntry } from './files/check.ts';
import { faultText, fieldText } from './files/faults.ts';
import { createNames, type CityNames } from './files/names.ts';

/** One thing that is wrong with a text: which field, which rule, and both in words for the editor. */
export interface EntryFault {
  /** `question`, `places.0.phone`, … */
  readonly field: string;
  readonly rule: string;
  readonly text: string;
}

/** Told in the sentence; all of them are in `faults`. */
const TOLD = 3;

/** Refuses a text with everything that is wrong with it. Code `knowledge.invalid`, status 422. */
export class EntryRefused extends AppError {
  readonly faults: readonly EntryFault[];

  constructor(faults: readonly EntryFault[]) {
    const told = faults.slice(0, TOLD).map(({ text }) => text).join('；');
    super('knowledge.invalid', 'the entry breaks rules', { status: 422, citizenText: faults.length > TOLD ? `${told}；等共 ${faults.length} 处。` : `${told}。`, details: { field: faults[0]?.field ?? '', rule: faults[0]?.rule ?? '', faults: faults.length } });
    this.faults = faults;
  }
}

/**
 * An entry that keeps the shape, and whose department, towns and item the city has.
 * @param given from outside: an object in the shape of an entry; names do where ids are meant; without an id it gets one
 * @throws EntryRefused
 */
export function readEntry(given: unknown, city: CityNames): KnowledgeEntry {
  const checked = checkEntry(given, createNames(city));
  if (checked.entry !== null) return checked.entry;
  throw new EntryRefused(checked.faults.map((fault) => ({ field: fault.field, rule: fault.rule, text: faultText(fault) })));
}

/** What only the store knows: related entries are published or on their way (imported together), the owner is an active seat. */
export async function storeFaults(repos: Pick<Repositories, 'knowledge' | 'revisions' | 'seats'>, entry: KnowledgeEntry): Promise<readonly EntryFault[]> {
  const faults: EntryFault[] = [];
  for (const [index, id] of (entry.related ?? []).entries()) {
    if (id === entry.id) faults.push({ field: `related.${index}`, rule: 'itself', text: `${fieldText(`related.${index}`)}：不能是本条知识自己` });
    else if ((await repos.knowledge.get(id)) === null && (await repos.revisions.openOf(id))?.wish !== 'publish') faults.push({ field: `related.${index}`, rule: 'unknown', text: `${fieldText(`related.${index}`)}：没有这条知识，或者已经下架` });
  }
  if (entry.owner !== undefined && (await repos.seats.findByUsername(entry.owner))?.seat.active !== true) faults.push({ field: 'owner', rule: 'unknown', text: `${fieldText('owner')}：没有这个用户` });
  return faults;
}

/** What a draft out of a gap says where an editor has still to write. Nobody may hand it in like that. */
export const UNWRITTEN = '（草稿，待编辑';
export const UNWRITTEN_SOURCE = '待编辑注明来源';

/** Fields that still hold what a draft began with. */
export function unwrittenFaults({ answer, voice, source }: Pick<KnowledgeEntry, 'answer' | 'voice' | 'source'>): readonly EntryFault[] {
  const left = [['answer', answer.includes(UNWRITTEN)], ['voice', voice.includes(UNWRITTEN)], ['source.title', source.title.includes(UNWRITTEN_SOURCE)]] as const;
  return left.flatMap(([field, is]) => (is ? [{ field, rule: 'unwritten', text: `${fieldText(field)}：还是草稿里的占位文字，请写好再提交` }] : []));
}

/** @throws EntryRefused */
export async function requireSound(repos: Pick<Repositories, 'knowledge' | 'revisions' | 'seats'>, entry: KnowledgeEntry): Promise<void> {
  const faults = [...unwrittenFaults(entry), ...(await storeFaults(repos, entry))];
  if (faults.length > 0) throw new EntryRefused(faults);
}
