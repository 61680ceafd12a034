import type { CityData } from '../../config/city.ts';
import type { EpochMs } from '../../domain/activity.ts';
import type { Department, ItemCatalogue, Town } from '../../domain/config-files.ts';
import { AppError } from '../../domain/errors.ts';
import type { CatalogueFault } from '../../domain/items.ts';
import type { JsonValue } from '../../domain/json.ts';
import { checkRoutes } from '../../domain/routing.ts';
import { OPEN_STATES } from '../../domain/ticket.ts';
import type { Catalogue, Repositories, SeatRole, Store } from '../../store/contract.ts';
import { checkBody, fileBody, readBody, readDeadlinesBody, readDepartmentsBody, readItemsBody, readTownsBody, type CatalogueKind } from './body.ts';

/** Drafting and publishing catalogues: draft → published → retired, by two persons. */

export interface CatalogueContext {
  readonly store: Store;
  /** The catalogues in force. */
  readonly city: CityData;
  /** config/ as it was read: version 0. */
  readonly files: CityData;
  readonly now: () => EpochMs;
  /** Told after a publication: look for the published versions, and have the other nodes look. */
  readonly announce: () => void;
}

export interface CatalogueEditor {
  readonly id: string;
  readonly role: SeatRole | 'system';
}

export const DRAFTING_ROLES: readonly SeatRole[] = ['editor', 'supervisor', 'administrator'];
export const PUBLISHING_ROLES: readonly SeatRole[] = ['supervisor', 'administrator'];
const LISTED = 200;
/** Things that are gone and whose open tickets are looked for. */
const GONE_AT_MOST = 300;

/** A version as it is shown; 0 is the file in config/. */
export interface CatalogueVersion extends Omit<Catalogue, 'body'> {}

const fileVersion = (kind: CatalogueKind, published: number): CatalogueVersion => ({ kind, version: 0, state: published === 0 ? 'published' : 'retired', note: 'config/', author: 'system', createdAt: 0, publishedBy: null, publishedAt: null });

/** Newest first; the file comes last. */
export async function listCatalogues({ store }: Pick<CatalogueContext, 'store'>, kind: CatalogueKind): Promise<readonly CatalogueVersion[]> {
  return store.read(async (repos) => [...(await repos.catalogues.list(kind, LISTED)), fileVersion(kind, await repos.catalogues.publishedVersion(kind))]);
}

/** @throws AppError `catalogue.not_found` */
export async function getCatalogue(context: Pick<CatalogueContext, 'store' | 'files'>, kind: CatalogueKind, version: number): Promise<Catalogue> {
  return context.store.read(async (repos) => {
    if (version === 0) return { ...fileVersion(kind, await repos.catalogues.publishedVersion(kind)), body: fileBody(kind, context.files) };
    return requireCatalogue(repos, kind, version);
  });
}

/**
 * Begins a draft with this body.
 * @throws AppError `catalogue.bad_body`
 */
export async function draftCatalogue(context: CatalogueContext, kind: CatalogueKind, given: { readonly body: unknown; readonly note: string }, by: CatalogueEditor): Promise<Catalogue> {
  const body = readBody(kind, given.body);
  return context.store.write(async (repos) => {
    const draft = await repos.catalogues.add({ kind, body, note: given.note, author: by.id, createdAt: context.now() });
    await leaveTrail(context, repos, 'drafted', draft, by);
    return draft;
  });
}

/**
 * Only its author changes a draft: otherwise the second person would publish what nobody else has seen.
 * @throws AppError `catalogue.bad_body`, `catalogue.not_found`, `catalogue.not_author`, `catalogue.not_draft`
 */
export async function changeDraft(context: CatalogueContext, kind: CatalogueKind, version: number, given: { readonly body: unknown; readonly note: string }, by: CatalogueEditor): Promise<Catalogue> {
  const body = readBody(kind, given.body);
  return context.store.write(async (repos) => {
    const { author } = await requireCatalogue(repos, kind, version);
    if (author !== by.id) throw new AppError('catalogue.not_author', 'only its author changes a draft', { status: 403, citizenText: '只有起草人可以修改这份草稿；您可以在它的基础上另起一份。' });
    const draft = await repos.catalogues.change(kind, version, { body, note: given.note });
    await leaveTrail(context, repos, 'changed', draft, by);
    return draft;
  });
}

/**
 * Publishes what somebody else wrote; the version in force before is retired. Every node follows within two seconds.
 * @throws AppError `catalogue.not_found`, `catalogue.not_draft`, `catalogue.own_draft`, `catalogue.has_faults`
 */
export async function publishCatalogue(context: CatalogueContext, kind: CatalogueKind, version: number, by: CatalogueEditor): Promise<Catalogue> {
  const published = await context.store.write(async (repos) => {
    const draft = await requireCatalogue(repos, kind, version);
    if (draft.author === by.id) throw new AppError('catalogue.own_draft', 'two persons are needed: the author does not publish', { status: 403, citizenText: '起草人不能发布自己的草稿，请由另一位班长或管理员发布。' });
    const faults = checkBody(kind, draft.body, context.city, context.now()).filter(({ severity }) => severity === 'error');
    if (faults.length > 0) throw new AppError('catalogue.has_faults', `the draft has faults: ${faults.map(({ message }) => message).join('; ')}`, { status: 409, citizenText: `草稿有 ${faults.length} 处错误，不能发布：${faults.slice(0, 5).map(({ text }) => text).join('；')}`, details: { faults: faults.length } });
    const made = await repos.catalogues.publish(kind, version, by.id, context.now());
    await leaveTrail(context, repos, 'published', made, by);
    return made;
  });
  context.announce();
  return published;
}

/**
 * Throws a draft away: its author, or who may publish. What it held is gone; that it was there stays in the trail.
 * @throws AppError `catalogue.not_found`, `catalogue.not_draft`, `catalogue.not_author`
 */
export async function dropDraft(context: CatalogueContext, kind: CatalogueKind, version: number, by: CatalogueEditor): Promise<void> {
  await context.store.write(async (repos) => {
    const draft = await requireCatalogue(repos, kind, version);
    if (draft.author !== by.id && !PUBLISHING_ROLES.some((role) => role === by.role)) throw new AppError('catalogue.not_author', 'its author or a supervisor drops a draft', { status: 403, citizenText: '只有起草人、班长和管理员可以作废草稿。' });
    await repos.catalogues.drop(kind, version);
    await leaveTrail(context, repos, 'dropped', draft, by);
  });
}

/** Who drafted, changed, published and dropped what and when: what the audit line of a page is read from. */
async function leaveTrail({ now }: Pick<CatalogueContext, 'now'>, repos: Repositories, what: 'drafted' | 'changed' | 'published' | 'dropped', { kind, version, note }: Catalogue, by: CatalogueEditor): Promise<void> {
  await repos.trail.append({ at: now(), actor: by.role === 'system' ? 'system' : `seat:${by.id}`, action: `catalogue.${what}`, subject: `catalogue:${kind}/${version}`, purpose: note === '' ? null : note.slice(0, 200) });
}

/** Faults of a version, and what its publication would leave behind: what open tickets, rules, knowledge or accounts still use. */
export async function reviewCatalogue(context: Pick<CatalogueContext, 'store' | 'city'> & Partial<Pick<CatalogueContext, 'now'>>, kind: CatalogueKind, body: JsonValue): Promise<readonly CatalogueFault[]> {
  const faults = checkBody(kind, body, context.city, context.now?.());
  switch (kind) {
    case 'items':
      return [...faults, ...(await leftByItems(context, readItemsBody(body)))];
    case 'departments':
      return [...faults, ...(await leftByDepartments(context, readDepartmentsBody(body).departments))];
    case 'towns':
      return [...faults, ...(await leftByTowns(context, readTownsBody(body).towns))];
    case 'deadlines': {
      const there = new Set(readDeadlinesBody(body).profiles.map(({ id }) => id));
      const gone = context.city.profiles.filter(({ id }) => !there.has(id));
      return [...faults, ...gone.map(({ id, name }) => warning('/profiles', id, `profile ${id} is gone`, `${name}（${id}）不再有：按它立单、还没归档的工单，后面的环节改按在用方案计时`))];
    }
    case 'dispatch':
    case 'calendar':
      return faults;
  }
}

const warning = (pointer: string, subject: string, message: string, text: string): CatalogueFault => ({ pointer, subject, message, text, severity: 'warning' });

/** Asked of the store one after the other: an index lookup each. */
async function stillFiled({ store }: Pick<CatalogueContext, 'store'>, filter: { readonly itemCode: string } | { readonly departmentId: string } | { readonly townId: string }): Promise<boolean> {
  return (await store.read((repos) => repos.tickets.list({ ...filter, states: OPEN_STATES, limit: 1 }))).length > 0;
}

async function leftByItems(context: Pick<CatalogueContext, 'store' | 'city'>, catalogue: ItemCatalogue): Promise<CatalogueFault[]> {
  const { city } = context;
  const there = new Set(catalogue.items.map(({ code }) => code));
  const faults: CatalogueFault[] = [];
  for (const { code, name } of city.items.filter((item) => !there.has(item.code)).slice(0, GONE_AT_MOST)) {
    if (await stillFiled(context, { itemCode: code })) faults.push(warning('/items', code, `item ${code} is gone, and open tickets are filed under it`, `${code}（${name}）不再有，但还有未归档的工单归在它下面`));
    const entry = city.knowledge.find(({ item }) => item === code);
    if (entry !== undefined) faults.push(warning('/items', code, `item ${code} is gone, and knowledge ${entry.id} is about it`, `${code}（${name}）不再有，但知识 ${entry.id} 还关联着它`));
  }
  const orphaned = checkRoutes(city.routes, { ...city, items: catalogue.items, itemGroups: catalogue.groups ?? [] }).filter(({ pointer }) => pointer.includes('/when/items/'));
  return [...faults, ...orphaned.map(({ subject, message, text }) => warning('/items', subject, message, text))];
}

async function leftByDepartments(context: Pick<CatalogueContext, 'store' | 'city'>, departments: readonly Department[]): Promise<CatalogueFault[]> {
  const there = new Set(departments.map(({ id }) => id));
  const seats = await context.store.read((repos) => repos.seats.list());
  const faults: CatalogueFault[] = [];
  for (const { id, name } of context.city.departments.filter((department) => !there.has(department.id)).slice(0, GONE_AT_MOST)) {
    if (await stillFiled(context, { departmentId: id })) faults.push(warning('/departments', id, `department ${id} is gone, and leads open tickets`, `${name}（${id}）不再有，但还有未归档的工单由它主办`));
    if (seats.some(({ departmentId, active }) => active && departmentId === id)) faults.push(warning('/departments', id, `department ${id} is gone, and people sign in for it`, `${name}（${id}）不再有，但还有它的登录账号`));
    const entry = context.city.knowledge.find(({ department }) => department === id);
    if (entry !== undefined) faults.push(warning('/departments', id, `department ${id} is gone, and knowledge ${entry.id} names it`, `${name}（${id}）不再有，但知识 ${entry.id} 还写着它`));
  }
  return faults;
}

async function leftByTowns(context: Pick<CatalogueContext, 'store' | 'city'>, towns: readonly Town[]): Promise<CatalogueFault[]> {
  const there = new Set(towns.map(({ id }) => id));
  const faults: CatalogueFault[] = [];
  for (const { id, name } of context.city.towns.filter((town) => !there.has(town.id)).slice(0, GONE_AT_MOST)) {
    if (await stillFiled(context, { townId: id })) faults.push(warning('/towns', id, `town ${id} is gone, and open tickets are there`, `${name}（${id}）不再有，但还有未归档的工单发生在那里`));
    const entry = context.city.knowledge.find((one) => one.towns?.includes(id));
    if (entry !== undefined) faults.push(warning('/towns', id, `town ${id} is gone, and knowledge ${entry.id} is limited to it`, `${name}（${id}）不再有，但知识 ${entry.id} 还限定在那里`));
  }
  return faults;
}

async function requireCatalogue(repos: Repositories, kind: CatalogueKind, version: number): Promise<Catalogue> {
  const found = await repos.catalogues.get(kind, version);
  if (found === null) throw new AppError('catalogue.not_found', 'no such version', { status: 404, citizenText: '没有这个版本。' });
  return found;
}
