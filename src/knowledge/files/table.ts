import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import { cellText, type Cell } from './cells.ts';
import type { ColumnKey } from './columns.ts';
import { readList, readParts, readWords, writeList, writeParts, writeWords } from './lists.ts';
import type { Names } from './names.ts';
import type { RowCells } from './raw.ts';

export type { RowCells } from './raw.ts';

/** One entry as one row of a table, and back. What a row means is checked later, together with entries of JSONL. */

/** @returns an object in the shape of an entry as far as the row fills it; names are not yet ids, days not yet read */
export function entryOfRow(cells: RowCells): Record<string, unknown> {
  const text = (key: ColumnKey): string => cellText(cells[key] ?? null);
  // A date stays a cell: what it means is read with the other days.
  const day = (key: ColumnKey): Cell => cells[key] ?? null;
  return {
    id: text('id'), module: text('module'), question: text('question'), wordings: readList(text('wordings')), answer: text('answer'), voice: text('voice'),
    links: readParts(text('links')).map(readLink), card: { title: text('cardTitle'), text: text('cardText') }, conditions: { who: text('who'), where: text('where') },
    steps: readList(text('steps')), materials: readList(text('materials')), fees: text('fees'), hours: text('hours'),
    places: readParts(text('places')).map(([name, address, phone, hours, ...rest]) => ({ name, address, phone, hours: [hours, ...rest].filter((part) => part !== undefined).join(' | ') })),
    department: text('department'), alsoDepartments: readWords(text('alsoDepartments')), owner: text('owner'), source: { title: text('sourceTitle'), article: text('sourceArticle'), url: text('sourceUrl') },
    effectiveFrom: day('effectiveFrom'), expiresOn: day('expiresOn'), reviewOn: day('reviewOn'), towns: readWords(text('towns')), item: text('item'), audience: text('audience'),
    related: readWords(text('related')), keywords: readWords(text('keywords')),
    en: { question: text('enQuestion'), wordings: readList(text('enWordings')), answer: text('enAnswer'), voice: text('enVoice') },
  };
}

/** `标题 | 网址`, or as people write it: `标题 https://…`, or the address alone. */
function readLink(parts: readonly string[]): { readonly title: string; readonly url: string } {
  const [title = '', ...rest] = parts;
  if (rest.length > 0) return { title, url: rest.join('|') };
  const match = /^(.*?)[\s:：,，]*(https?:\/\/\S+)$/su.exec(title);
  return match === null ? { title, url: '' } : { title: match[1] ?? '', url: match[2] ?? '' };
}

/** @returns the text of each column; reads back as the same entry */
export function rowOfEntry(entry: KnowledgeEntry, names: Names): Readonly<Record<ColumnKey, string>> {
  const { card, conditions, source, en } = entry;
  return {
    id: entry.id, module: names.modules.nameOf(entry.module), question: entry.question, wordings: writeList(entry.wordings), answer: entry.answer, voice: entry.voice,
    department: names.departments.nameOf(entry.department), alsoDepartments: writeWords((entry.alsoDepartments ?? []).map(names.departments.nameOf)),
    sourceTitle: source.title, sourceArticle: source.article ?? '', sourceUrl: source.url ?? '', effectiveFrom: entry.effectiveFrom, expiresOn: entry.expiresOn ?? '', reviewOn: entry.reviewOn ?? '',
    towns: writeWords((entry.towns ?? []).map(names.towns.nameOf)), item: entry.item === undefined ? '' : names.items.nameOf(entry.item), who: conditions?.who ?? '', where: conditions?.where ?? '',
    steps: writeList(entry.steps ?? []), materials: writeList(entry.materials ?? []), fees: entry.fees ?? '', hours: entry.hours ?? '',
    places: writeParts((entry.places ?? []).map(({ name, address, phone, hours }) => [name, address, phone, hours])), links: writeParts((entry.links ?? []).map(({ title, url }) => [title, url])),
    cardTitle: card?.title ?? '', cardText: card?.text ?? '', related: writeWords(entry.related ?? []), keywords: writeWords(entry.keywords ?? []), owner: entry.owner ?? '',
    audience: entry.audience === undefined ? '' : names.audiences.nameOf(entry.audience), enQuestion: en?.question ?? '', enWordings: writeList(en?.wordings ?? []), enAnswer: en?.answer ?? '', enVoice: en?.voice ?? '',
  };
}
