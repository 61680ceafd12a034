import type { CityData } from '../../config/city.ts';
import type { EpochMs } from '../../domain/activity.ts';
import { AppError } from '../../domain/errors.ts';
import type { CatalogueFault } from '../../domain/items.ts';
import type { JsonValue } from '../../domain/json.ts';
import { checkRoutes } from '../../domain/routing.ts';
import { OPEN_STATES } from '../../domain/ticket.ts';
import type { Catalogue, Repositories, SeatRole, Store } from '../../store/contract.ts';
import { checkBody, fileBody, readBody, readItemsBody, type CatalogueKind } from './body.ts';

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
/** Items that are gone and whose open tickets are looked for. */
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
  return context.store.write((repos) => repos.catalogues.add({ kind, body, note: given.note, author: by.id, createdAt: context.now() }));
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
    return repos.catalogues.change(kind, version, { body, note: given.note });
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
    const faults = checkBody(kind, draft.body, context.city).filter(({ severity }) => severity === 'error');
    if (faults.length > 0) throw new AppError('catalogue.has_faults', `the draft has faults: ${faults.map(({ message }) => message).join('; ')}`, { status: 409, citizenText: `草稿有 ${faults.length} 处错误，不能发布：${faults.slice(0, 5).map(({ text }) => text).join('；')}`, details: { faults: faults.length } });
    const at = context.now();
    const made = await repos.catalogues.publish(kind, version, by.id, at);
    await repos.trail.append({ at, actor: by.role === 'system' ? 'system' : `seat:${by.id}`, action: 'catalogue.published', subject: `catalogue:${kind}/${version}`, purpose: null });
    return made;
  });
  context.announce();
  return published;
}

/** Faults of a version, and what its publication would leave behind: items that open tickets, rules or knowledge still use. */
export async function reviewCatalogue(context: Pick<CatalogueContext, 'store' | 'city'>, kind: CatalogueKind, body: JsonValue): Promise<readonly CatalogueFault[]> {
  const { store, city } = context;
  const faults = checkBody(kind, body, city);
  if (kind !== 'items') return faults;
  const catalogue = readItemsBody(body);
  const there = new Set(catalogue.items.map(({ code }) => code));
  const gone = city.items.filter(({ code }) => !there.has(code));
  const warn = (subject: string, message: string, text: string): CatalogueFault => ({ pointer: '/items', subject, message, text, severity: 'warning' });
  for (const { code, name } of gone.slice(0, GONE_AT_MOST)) {
    const used = await store.read((repos) => repos.tickets.list({ itemCode: code, states: OPEN_STATES, limit: 1 }));
    if (used.length > 0) faults.push(warn(code, `item ${code} is gone, and open tickets are filed under it`, `${code}（${name}）不再有，但还有未归档的工单归在它下面`));
    const entry = city.knowledge.find(({ item }) => item === code);
    if (entry !== undefined) faults.push(warn(code, `item ${code} is gone, and knowledge ${entry.id} is about it`, `${code}（${name}）不再有，但知识 ${entry.id} 还关联着它`));
  }
  const orphaned = checkRoutes(city.routes, { ...city, items: catalogue.items, itemGroups: catalogue.groups ?? [] }).filter(({ pointer }) => pointer.includes('/when/items/'));
  return [...faults, ...orphaned.map(({ subject, message, text }) => warn(subject, message, text))];
}

async function requireCatalogue(repos: Repositories, kind: CatalogueKind, version: number): Promise<Catalogue> {
  const found = await repos.catalogues.get(kind, version);
  if (found === null) throw new AppError('catalogue.not_found', 'no such version', { status: 404, citizenText: '没有这个版本。' });
  return found;
}
