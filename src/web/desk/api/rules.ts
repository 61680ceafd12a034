import type { Calendar, DeadlinesCatalogue, DepartmentsCatalogue, DispatchCatalogue, ItemCatalogue, TownsCatalogue } from '../../../domain/config-files.ts';
import { arrayOf, isBoolean, isNumber, isRecord, isString, isUnknown, keepValid, nullable, object, optional, type Guard } from '../../shared/guards.ts';
import type { CatalogueBodies, CatalogueKind, CatalogueView, ChangeView, ChannelStateView, FaultView, FlowRow, FlowView, ImportView, LetterDetail, LetterGroup, LetterView, TrailCheckView, TrailRow, TrailView, TrialView, TryView, VerdictView, VersionView } from '../../shared/rules-types.ts';
import type { Calls } from './knowledge.ts';

/** Catalogues, flows, the trail, dead letters and channels (src/http/zones/desk/{catalogues,flows,trail,operations}.ts). */

const text = nullable(isString);
const time = nullable(isNumber);
const isVersion: Guard<VersionView> = object({ kind: isString, version: isNumber, state: isString, note: isString, author: isString, createdAt: isNumber, publishedBy: text, publishedAt: time });
const isFault: Guard<FaultView> = object({ pointer: isString, subject: isString, text: isString, severity: isString });
const isWhole = object({ catalogue: object({ kind: isString, version: isNumber, state: isString, note: isString, author: isString, createdAt: isNumber, publishedBy: text, publishedAt: time, body: isUnknown }), faults: arrayOf(isFault) });
const isChange: Guard<ChangeView> = object({ what: isString, id: isString, how: isString, fields: arrayOf(object({ field: isString, before: isUnknown, after: isUnknown })) });
const isImport: Guard<ImportView> = object({
  rows: arrayOf(object({ line: isNumber, code: text, status: isString, reasons: arrayOf(isString) })), counts: object({ new: isNumber, changed: isNumber, same: isNumber, refused: isNumber }), gone: arrayOf(isString), ignored: arrayOf(isString), version: time,
});
const isSide = object({ waiting: isNumber, asToday: isNumber });
const isTarget = object({ departmentId: text, routeId: text });
const isTrial: Guard<TrialView> = object({
  state: isString, startedAt: isNumber, days: isNumber, tickets: isNumber, code: text,
  report: nullable(object({
    tickets: isNumber, complete: isBoolean, elsewhere: isNumber, assistedOtherwise: isNumber, before: isSide, after: isSide, rules: arrayOf(object({ id: isString, before: time, after: isNumber })), unreached: arrayOf(isString),
    examples: arrayOf(object({ ticketId: isString, number: isString, before: isTarget, after: isTarget })),
  })),
});
const isVerdict: Guard<VerdictView> = object({ routeId: isString, fits: isBoolean, problem: text, conditions: arrayOf(object({ name: isString, met: isBoolean, text: isString })) });
const isFlowRow: Guard<FlowRow> = object({ id: isString, title: isString, about: isString, path: isString, aside: isBoolean, interrupts: isBoolean, triggers: isNumber, slots: isNumber, steps: isNumber });
const isPart = object({ name: isString, title: isString, line: isNumber, lines: arrayOf(object({ label: isString, text: isString })), links: arrayOf(object({ label: isString, to: isString, other: isBoolean })) });
const isFlow: Guard<FlowView> = object({ id: isString, title: isString, about: isString, path: isString, aside: isBoolean, interrupts: isBoolean, inherit: arrayOf(isString), cancel: text, triggers: arrayOf(isPart), slots: arrayOf(isPart), steps: arrayOf(isPart), source: isString, usedBy: arrayOf(isString) });
const isSaid = object({ text: isString, speak: text, choices: arrayOf(object({ title: isString, key: text })), source: text });
const isTry: Guard<TryView> = object({
  state: isString, program: isString,
  steps: arrayOf(object({ kind: isString, said: optional(isSaid), what: optional(isString), text: optional(isString) })),
  place: object({ frames: arrayOf(object({ flow: isString, step: isString, asked: text, slots: arrayOf(object({ name: isString, value: isString })) })), waiting: isBoolean, emergency: text, ended: isBoolean, locale: isString }),
});
const isCheck: Guard<TrailCheckView> = object({ state: isString, startedAt: isNumber, updatedAt: isNumber, upTo: isNumber, total: isNumber, brokenAt: time });
const isTrailRow: Guard<TrailRow> = object({ seq: isNumber, at: isNumber, actor: isString, actorName: isString, action: isString, subject: isString, purpose: text });
const isTrail = object({ entries: arrayOf(isUnknown), next: optional(time), check: optional(nullable(isCheck)) });
const isLetter: Guard<LetterView> = object({ id: isString, kind: isString, lane: isString, attempts: isNumber, lastError: text, createdAt: isNumber, diedAt: isNumber, position: isNumber, conversationId: text });
const isGroup: Guard<LetterGroup> = object({ kind: isString, error: text, amount: isNumber, oldestAt: isNumber, newestAt: isNumber });
const isDetail: Guard<LetterDetail> = object({ letter: isLetter, payload: arrayOf(object({ name: isString, value: isString })), activities: arrayOf(object({ id: isString, at: isNumber, role: isString, type: isString, chars: isNumber })) });
const isDone = object({ done: isNumber });
const isChannelState: Guard<ChannelStateView> = object({
  name: isString, state: isString, note: text, missing: arrayOf(object({ name: isString, about: isString })), inbound: isString, delivery: isString, lastInAt: time, lastOutAt: time, waiting: isNumber, oldestAt: time, dead: isNumber,
  errors: arrayOf(object({ code: isString, status: isString, amount: isNumber, lastAt: isNumber })), limits: object({ textLimit: isNumber, textLimitUnit: isString, replyWindowHours: time, proactive: isBoolean }),
});

const has = (value: unknown, name: string): boolean => isRecord(value) && Array.isArray(value[name]);
/** The server has checked the shape of a body; here it is told apart from an answer of another server. */
const BODIES: { readonly [Kind in CatalogueKind]: Guard<CatalogueBodies[Kind]> } = {
  items: (value): value is ItemCatalogue => has(value, 'items'),
  dispatch: (value): value is DispatchCatalogue => has(value, 'routes'),
  departments: (value): value is DepartmentsCatalogue => has(value, 'departments'),
  towns: (value): value is TownsCatalogue => has(value, 'towns'),
  calendar: (value): value is Calendar => has(value, 'years') && has(value, 'officeHours') && has(value, 'seatHours'),
  deadlines: (value): value is DeadlinesCatalogue => has(value, 'profiles'),
};

export interface TrailSearch {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly purpose?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

export interface TryGiven {
  readonly state?: string;
  readonly event: { readonly type: string; readonly text?: string; readonly keys?: string; readonly flow?: string };
  readonly modality: string;
  readonly channel: string;
  readonly locale: string;
  readonly seatsOnline: number;
  readonly found: boolean;
  readonly enterprise?: string;
}

/** What is wrong with a row is not shown, so that the others are; a body that is none is an error. */
export function createRulesApi({ request, read, list }: Calls) {
  const id = encodeURIComponent;
  const query = (given: Readonly<Record<string, string | number | undefined>>): string => {
    const made = new URLSearchParams();
    for (const [name, value] of Object.entries(given)) if (value !== undefined && value !== '') made.set(name, String(value));
    const written = made.toString();
    return written === '' ? '' : `?${written}`;
  };
  const whole = async <Kind extends CatalogueKind>(kind: Kind, method: string, path: string, body?: object): Promise<CatalogueView<Kind>> => {
    const isThis = (value: unknown): value is { catalogue: VersionView & { body: CatalogueBodies[Kind] }; faults: FaultView[] } => isWhole(value) && BODIES[kind](value.catalogue.body);
    const { catalogue: { body: found, ...version }, faults } = await read(isThis, method, path, body);
    return { version, body: found, faults };
  };
  return {
    versions: (kind: CatalogueKind): Promise<VersionView[]> => list('versions', isVersion, `/api/catalogues/${kind}`),
    version: <Kind extends CatalogueKind>(kind: Kind, version: number): Promise<CatalogueView<Kind>> => whole(kind, 'GET', `/api/catalogues/${kind}/${version}`),
    draft: <Kind extends CatalogueKind>(kind: Kind, from: number, note: string): Promise<CatalogueView<Kind>> => whole(kind, 'POST', `/api/catalogues/${kind}`, { from, note }),
    save: <Kind extends CatalogueKind>(kind: Kind, version: number, body: CatalogueBodies[Kind], note: string): Promise<CatalogueView<Kind>> => whole(kind, 'PUT', `/api/catalogues/${kind}/${version}`, { body, note }),
    drop: async (kind: CatalogueKind, version: number): Promise<void> => void (await request('DELETE', `/api/catalogues/${kind}/${version}`)),
    publish: <Kind extends CatalogueKind>(kind: Kind, version: number): Promise<CatalogueView<Kind>> => whole(kind, 'POST', `/api/catalogues/${kind}/${version}/publish`),
    async diff(kind: CatalogueKind, version: number, against?: number): Promise<{ readonly against: number; readonly changes: readonly ChangeView[] }> {
      const answer = await read(object({ against: isNumber, changes: arrayOf(isUnknown) }), 'GET', `/api/catalogues/${kind}/${version}/diff${query({ against })}`);
      return { against: answer.against, changes: keepValid(answer.changes, isChange) };
    },
    importFile(kind: 'items' | 'departments', file: File, apply: boolean): Promise<ImportView> {
      const form = new FormData();
      form.append('file', file);
      return read(isImport, 'POST', `/api/catalogues/${kind}/import${query({ apply: apply ? 'true' : undefined })}`, form);
    },
    beginTrial: (version: number, days: number): Promise<TrialView> => read(isTrial, 'POST', `/api/catalogues/dispatch/${version}/try`, { days }),
    trial: (version: number): Promise<TrialView> => read(isTrial, 'GET', `/api/catalogues/dispatch/${version}/try`),
    explain: (version: number, ticketId: string): Promise<VerdictView[]> => list('verdicts', isVerdict, `/api/catalogues/dispatch/${version}/explain/${id(ticketId)}`),

    async flows(): Promise<{ readonly flows: readonly FlowRow[]; readonly program: string }> {
      const answer = await read(object({ flows: arrayOf(isUnknown), program: isString }), 'GET', '/api/flows');
      return { flows: keepValid(answer.flows, isFlowRow), program: answer.program };
    },
    flow: (flowId: string): Promise<FlowView> => read(isFlow, 'GET', `/api/flows/${id(flowId)}`),
    tryFlow: (given: TryGiven): Promise<TryView> => read(isTry, 'POST', '/api/flows/try', given),

    async trail(given: TrailSearch): Promise<TrailView> {
      const { entries, next = null, check = null } = await read(isTrail, 'GET', `/api/trail${query({ ...given })}`);
      return { entries: keepValid(entries, isTrailRow), next, check };
    },
    beginCheck: (): Promise<TrailCheckView> => read(isCheck, 'POST', '/api/trail/check'),
    check: (): Promise<TrailCheckView> => read(isCheck, 'GET', '/api/trail/check'),
    trailFile: (given: TrailSearch): string => `/api/trail/export${query({ ...given })}`,

    letters: (given: { readonly kind?: string; readonly error?: string; readonly q?: string; readonly before?: number; readonly beforePosition?: number; readonly limit?: number }): Promise<LetterView[]> => list('deadLetters', isLetter, `/api/dead-letters${query(given)}`),
    letterGroups: (): Promise<LetterGroup[]> => list('groups', isGroup, '/api/dead-letters/groups'),
    letter: (letterId: string): Promise<LetterDetail> => read(isDetail, 'GET', `/api/dead-letters/${id(letterId)}`),
    reviveLetters: async (ids: readonly string[]): Promise<number> => (await read(isDone, 'POST', '/api/dead-letters/retry', { ids })).done,
    discardLetters: async (ids: readonly string[], reason: string): Promise<number> => (await read(isDone, 'POST', '/api/dead-letters/discard', { ids, reason })).done,
    channelStates: (): Promise<ChannelStateView[]> => list('channels', isChannelState, '/api/channels/state'),
  };
}
