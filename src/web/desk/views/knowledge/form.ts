import type { KnowledgeEntry, KnowledgeModule } from '../../../shared/api-types.ts';

/** An entry as the editor's form has it: text in boxes, one line an element where there are several. Pure. */

export interface LinkRow {
  readonly title: string;
  readonly url: string;
}
export interface PlaceRow {
  readonly name: string;
  readonly address: string;
  readonly phone: string;
  readonly hours: string;
}

export interface EntryForm {
  readonly id: string;
  readonly module: KnowledgeModule;
  readonly question: string;
  readonly wordings: readonly string[];
  readonly answer: string;
  readonly voice: string;
  readonly keywords: string;
  readonly who: string;
  readonly where: string;
  readonly steps: string;
  readonly materials: string;
  readonly fees: string;
  readonly hours: string;
  readonly places: readonly PlaceRow[];
  readonly links: readonly LinkRow[];
  readonly cardTitle: string;
  readonly cardText: string;
  readonly department: string;
  readonly alsoDepartments: readonly string[];
  readonly towns: readonly string[];
  readonly item: string;
  readonly owner: string;
  readonly audience: 'public' | 'desk';
  readonly sourceTitle: string;
  readonly sourceArticle: string;
  readonly sourceUrl: string;
  readonly effectiveFrom: string;
  readonly expiresOn: string;
  readonly reviewOn: string;
  readonly related: string;
  readonly enQuestion: string;
  readonly enWordings: string;
  readonly enAnswer: string;
  readonly enVoice: string;
}

/** Limits of domain/knowledge.ts, for the counters; the server decides. */
export const LIMITS = { question: 80, wording: 80, answer: 900, voice: 160, voiceSentences: 3, enAnswer: 1500 } as const;

export function emptyForm(today: string): EntryForm {
  return {
    id: '', module: 'faq', question: '', wordings: [''], answer: '', voice: '', keywords: '', who: '', where: '', steps: '', materials: '', fees: '', hours: '', places: [], links: [], cardTitle: '', cardText: '',
    department: '', alsoDepartments: [], towns: [], item: '', owner: '', audience: 'public', sourceTitle: '', sourceArticle: '', sourceUrl: '', effectiveFrom: today, expiresOn: '', reviewOn: '', related: '',
    enQuestion: '', enWordings: '', enAnswer: '', enVoice: '',
  };
}

export function formOf(entry: KnowledgeEntry): EntryForm {
  const { conditions, source, en, card } = entry;
  return {
    id: entry.id, module: entry.module, question: entry.question, wordings: entry.wordings.length === 0 ? [''] : entry.wordings, answer: entry.answer, voice: entry.voice,
    keywords: (entry.keywords ?? []).join('\n'), who: conditions?.who ?? '', where: conditions?.where ?? '', steps: (entry.steps ?? []).join('\n'), materials: (entry.materials ?? []).join('\n'), fees: entry.fees ?? '', hours: entry.hours ?? '',
    places: (entry.places ?? []).map(({ name, address = '', phone = '', hours = '' }) => ({ name, address, phone, hours })), links: (entry.links ?? []).map(({ title, url }) => ({ title, url })), cardTitle: card?.title ?? '', cardText: card?.text ?? '',
    department: entry.department, alsoDepartments: entry.alsoDepartments ?? [], towns: entry.towns ?? [], item: entry.item ?? '', owner: entry.owner ?? '', audience: entry.audience ?? 'public',
    sourceTitle: source.title, sourceArticle: source.article ?? '', sourceUrl: source.url ?? '', effectiveFrom: entry.effectiveFrom, expiresOn: entry.expiresOn ?? '', reviewOn: entry.reviewOn ?? '', related: (entry.related ?? []).join('\n'),
    enQuestion: en?.question ?? '', enWordings: (en?.wordings ?? []).join('\n'), enAnswer: en?.answer ?? '', enVoice: en?.voice ?? '',
  };
}

/** What is sent: empty boxes are left out. Without an id (a new entry) the server gives one. */
export function entryOf(form: EntryForm): Omit<KnowledgeEntry, 'id'> & { readonly id?: string } {
  const conditions = defined({ who: text(form.who), where: text(form.where) });
  const en = text(form.enQuestion) === undefined && text(form.enAnswer) === undefined ? undefined : { question: form.enQuestion.trim(), wordings: lines(form.enWordings), answer: form.enAnswer.trim(), ...defined({ voice: text(form.enVoice) }) };
  const card = text(form.cardTitle) === undefined && text(form.cardText) === undefined ? undefined : { title: form.cardTitle.trim(), text: form.cardText.trim() };
  const places = form.places.flatMap(({ name, address, phone, hours }) => (`${name}${address}${phone}${hours}`.trim() === '' ? [] : [{ name: name.trim(), ...defined({ address: text(address), phone: text(phone), hours: text(hours) }) }]));
  const links = form.links.flatMap(({ title, url }) => (`${title}${url}`.trim() === '' ? [] : [{ title: title.trim(), url: url.trim() }]));
  return {
    ...defined({ id: text(form.id) }),
    module: form.module,
    question: form.question.trim(),
    wordings: form.wordings.map((wording) => wording.trim()).filter((wording) => wording !== ''),
    answer: form.answer.trim(),
    voice: form.voice.trim(),
    department: form.department,
    source: { title: form.sourceTitle.trim(), ...defined({ article: text(form.sourceArticle), url: text(form.sourceUrl) }) },
    effectiveFrom: form.effectiveFrom,
    ...defined({
      links: some(links), card, conditions: Object.keys(conditions).length === 0 ? undefined : conditions, steps: some(lines(form.steps)), materials: some(lines(form.materials)), fees: text(form.fees), hours: text(form.hours), places: some(places),
      alsoDepartments: some([...form.alsoDepartments]), owner: text(form.owner), expiresOn: text(form.expiresOn), reviewOn: text(form.reviewOn), towns: some([...form.towns]), item: text(form.item), audience: form.audience === 'desk' ? ('desk' as const) : undefined,
      related: some(lines(form.related)), keywords: some(form.keywords.split(/[\n,，、;；]+/).map((word) => word.trim()).filter((word) => word !== '')), en,
    }),
  };
}

/** Sentences of a spoken answer, as a listener counts them. */
export function sentencesIn(spoken: string): number {
  return spoken.split(/[。！？!?；;]+|\.(?=\s|$)/).filter((part) => part.trim() !== '').length;
}

/** Faults of one field of the form: those of the entry's field and all below it. */
export function faultsOf<Fault extends { readonly field: string }>(faults: readonly Fault[], field: string): readonly Fault[] {
  return faults.filter((fault) => fault.field === field || fault.field.startsWith(`${field}.`));
}

const text = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim());
const lines = (value: string): string[] => value.split('\n').map((line) => line.trim()).filter((line) => line !== '');
const some = <T>(list: T[]): T[] | undefined => (list.length === 0 ? undefined : list);

function defined<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const kept: { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } = {};
  for (const name in fields) {
    const value = fields[name];
    if (isDefined(value)) kept[name] = value;
  }
  return kept;
}

function isDefined<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}
