import { loadCity, type CityData } from '../../../src/config/city.ts';
import { fileURLToPath } from 'node:url';
import type { SeatView } from '../../../src/web/shared/api-types.ts';
import { checkBody, fileBody, type CatalogueKind } from '../../../src/tickets/catalogue/body.ts';
import { diffCatalogues } from '../../../src/tickets/catalogue/diff.ts';
import type { JsonValue } from '../../../src/domain/json.ts';
import type { Reply } from './fake-direct-line.ts';

interface Version {
  version: number;
  state: string;
  note: string;
  author: string;
  createdAt: number;
  publishedBy: string | null;
  publishedAt: number | null;
  body: JsonValue;
}

/** The rules' API in memory, with the real checks and differences over the demo city. */
export interface FakeRules {
  /** Null: not one of its paths. */
  handle(method: string, url: URL, body: Record<string, unknown>): Reply | null;
  readonly versions: Map<string, Version[]>;
  /** Somebody else's draft. */
  draft(kind: CatalogueKind, body: JsonValue, author: string): number;
  readonly tried: Record<string, unknown>[];
}

const ok = (body: object): Reply => ({ status: 200, body });
const refuse = (status: number, code: string, message: string): Reply => ({ status, body: { error: { code, message } } });

export function createFakeRules(seat: SeatView, now: () => number): FakeRules {
  let read: CityData | null = null;
  // Most desks of the tests never ask for it.
  const demo = (): CityData => (read ??= loadCity(fileURLToPath(new URL('../../..', import.meta.url))));
  const versions = new Map<string, Version[]>();
  const tried: Record<string, unknown>[] = [];
  const kindOf = (name: string): CatalogueKind | null => (name === 'items' || name === 'dispatch' || name === 'departments' || name === 'towns' || name === 'calendar' || name === 'deadlines' ? name : null);
  const of = (kind: CatalogueKind): Version[] => {
    const known = versions.get(kind) ?? [{ version: 0, state: 'published', note: 'config/', author: 'system', createdAt: 0, publishedBy: null, publishedAt: null, body: fileBody(kind, demo()) }];
    versions.set(kind, known);
    return known;
  };
  const whole = (kind: CatalogueKind, { body, ...version }: Version): Reply => ok({ catalogue: { kind, ...version, body }, faults: checkBody(kind, body, demo()) });
  const draft = (kind: CatalogueKind, body: JsonValue, author: string, note = ''): Version => {
    const list = of(kind);
    const made = { version: Math.max(...list.map(({ version }) => version)) + 1, state: 'draft', note, author, createdAt: now(), publishedBy: null, publishedAt: null, body };
    list.unshift(made);
    return made;
  };
  const json = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value));

  return {
    versions,
    tried,
    draft: (kind, body, author) => draft(kind, body, author).version,
    handle(method, url, body) {
      const [, , name = '', kindName = '', number = '', what = ''] = url.pathname.split('/');
      if (name === 'flows') {
        if (kindName === '' && method === 'GET') return ok({ flows: [{ id: 'urge', title: '催办', about: '帮他催', path: 'flows/urge/flow.yaml', aside: false, interrupts: false, triggers: 1, slots: 0, steps: 1 }], program: 'c0ffee' });
        if (kindName === 'try') {
          tried.push(body);
          return ok({
            state: `state-${tried.length}`, program: 'c0ffee', steps: [{ kind: 'say', said: { text: `第 ${tried.length} 步`, speak: null, choices: [{ title: '好的', key: '1', value: 'x' }], source: null } }, { kind: 'effect', what: 'dry', text: '假定：查得到' }],
            place: { frames: [{ flow: 'urge', step: 'which', asked: null, slots: [{ name: 'number', value: '1' }] }], waiting: false, emergency: null, ended: false, locale: 'zh-CN' },
          });
        }
        return ok({ id: 'urge', title: '催办', about: '帮他催', path: 'flows/urge/flow.yaml', aside: false, interrupts: false, inherit: [], cancel: null, triggers: [], slots: [], steps: [{ name: 'sorry', title: 'sorry', line: 2, lines: [{ label: '说', text: '让您久等了' }], links: [{ label: '下一步', to: 'which', other: false }] }], source: 'id: urge\n  sorry:\n', usedBy: ['welcome'] });
      }
      const kind = name === 'catalogues' ? kindOf(kindName) : null;
      if (kind === null) return null;
      const list = of(kind);
      const found = list.find(({ version }) => String(version) === number);
      if (number === '') {
        if (method === 'GET') return ok({ versions: list.map(({ body: _body, ...version }) => ({ kind, ...version })) });
        const from = list.find(({ version }) => version === body['from']);
        return from === undefined ? refuse(404, 'catalogue.not_found', '没有这个版本') : whole(kind, draft(kind, from.body, seat.id, typeof body['note'] === 'string' ? body['note'] : ''));
      }
      if (found === undefined) return refuse(404, 'catalogue.not_found', '没有这个版本');
      if (method === 'PUT') {
        if (found.author !== seat.id) return refuse(403, 'catalogue.not_author', '只有起草人可以修改');
        found.body = json(body['body']);
        return whole(kind, found);
      }
      if (what === 'diff') {
        const against = list.find(({ version }) => String(version) === url.searchParams.get('against')) ?? list.find(({ state }) => state === 'published') ?? found;
        return ok({ against: against.version, changes: diffCatalogues(kind, against.body, found.body) });
      }
      if (what === 'publish') {
        if (found.author === seat.id) return refuse(403, 'catalogue.own_draft', '起草人不能发布自己的草稿');
        for (const one of list) if (one.state === 'published') one.state = 'retired';
        Object.assign(found, { state: 'published', publishedBy: seat.id, publishedAt: now() });
        return whole(kind, found);
      }
      if (what === 'try') return refuse(404, 'catalogue.not_tried', '没有试跑过');
      return whole(kind, found);
    },
  };
}
