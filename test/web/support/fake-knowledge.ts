import type { KnowledgeEntry } from '../../../src/domain/knowledge.ts';
import { createFinder, type FinderHit } from '../../../src/matcher/finder/index.ts';
import type { EntryFaultView, GapView, KnowledgeHit, KnowledgeRevisionView, KnowledgeTaskView, RevisionState, SeatView } from '../../../src/web/shared/api-types.ts';
import type { Reply } from './fake-direct-line.ts';

/** The knowledge base's API in memory, with the real search behind it; enough of the rules for the pages: four eyes, versions, faults. */
export interface FakeKnowledge {
  handle(method: string, path: readonly string[], query: URLSearchParams, body: Record<string, unknown>): Reply;
  readonly entries: Map<string, KnowledgeEntry>;
  readonly revisions: Map<string, KnowledgeRevisionView>;
  readonly tasks: KnowledgeTaskView[];
  readonly gaps: GapView[];
  /** Found in every text that is kept, until it is emptied. */
  readonly faults: EntryFaultView[];
}

export const ENTRIES: readonly KnowledgeEntry[] = [
  { id: 'noise.night', module: 'faq', question: '夜间施工噪声怎么投诉', wordings: ['晚上工地太吵'], answer: '可拨打 12345 或在网上登记，由生态环境部门核查。', voice: '请拨打12345登记。', department: 'ecology', source: { title: '《噪声污染防治法》', article: '第四十三条', url: 'https://example.com/noise' }, effectiveFrom: '2022-06-05', related: ['permit.apply'], keywords: ['噪声'] },
  { id: 'permit.apply', module: 'guides', question: '居住证怎么办理', wordings: ['暂住证在哪里办'], answer: '到居住地派出所申请，带身份证和照片。', voice: '请带身份证到派出所办理。', department: 'ecology', source: { title: '《居住证暂行条例》' }, effectiveFrom: '2016-01-01', expiresOn: '2020-01-01', steps: ['登记', '申请'], materials: ['身份证'] },
  { id: 'desk.permit', module: 'desk', question: '居住证诉求怎么转办', wordings: [], answer: '转公安部门，注明镇街和地址。', voice: '转公安部门。', department: 'city-management', audience: 'desk', source: { title: '内部指引' }, effectiveFrom: '2024-01-01' },
];

const NAMES: Readonly<Record<RevisionState, string>> = { draft: '草稿', review: '待审核', returned: '已退回', approved: '已通过', published: '已发布', replaced: '已被替换', retired: '已下架', dropped: '已作废' };
const TODAY = '2026-11-22';
const OK = (body: unknown): Reply => ({ status: 200, body });
const NO: Reply = { status: 404, body: { error: { code: 'knowledge.not_found', message: '没有这条知识。' } } };

export function createFakeKnowledge(seat: SeatView, now: () => number): FakeKnowledge {
  const entries = new Map(ENTRIES.map((entry) => [entry.id, entry]));
  const finder = createFinder();
  finder.put(ENTRIES);
  const revisions = new Map<string, KnowledgeRevisionView>();
  const faults: EntryFaultView[] = [];
  const pinned: string[] = [];
  const recent: string[] = [];
  const tasks: KnowledgeTaskView[] = [{ id: 'task-1', kind: 'wrong', entryId: 'noise.night', question: '夜间施工噪声怎么投诉', owner: null, text: '电话写错了', createdByName: '李坐席', createdAt: now(), dueOn: '2020-01-01', state: 'open', closedByName: null, closedAt: null, outcome: null }];
  const gaps: GapView[] = [
    { id: 'gap-1', state: 'open', title: '绿牌怎么换', samples: ['绿牌怎么换', '电动车换绿牌'], count: 7, unhelpful: 2, best: { id: 'permit.apply', question: '居住证怎么办理', score: 0.2 }, firstAt: now(), lastAt: now(), entryId: null },
    { id: 'gap-2', state: 'open', title: '养狗要登记吗', samples: ['养狗要登记吗'], count: 3, unhelpful: 0, best: null, firstAt: now(), lastAt: now(), entryId: null },
  ];

  const draft = (entry: KnowledgeEntry, over: Partial<KnowledgeRevisionView> = {}): KnowledgeRevisionView => {
    const number = [...revisions.values()].filter(({ entryId }) => entryId === entry.id).length + 2;
    const revision: KnowledgeRevisionView = {
      id: `rev-${revisions.size + 1}`, entryId: entry.id, number, state: 'draft', stateName: NAMES.draft, wish: 'publish', entry, basedOn: entries.has(entry.id) ? 1 : null, author: seat.id, authorName: seat.displayName, editedBy: seat.id, editedByName: seat.displayName,
      reviewerName: null, note: null, verdict: null, publishAt: null, createdAt: now(), updatedAt: now(), decidedAt: null, version: 1, ...over,
    };
    revisions.set(revision.id, revision);
    return revision;
  };
  const change = (revision: KnowledgeRevisionView, part: Partial<KnowledgeRevisionView>): Reply => {
    const next = { ...revision, ...part, stateName: NAMES[part.state ?? revision.state], version: revision.version + 1 };
    revisions.set(next.id, next);
    return OK({ revision: next });
  };
  const hitOf = ({ entry, state, score, foundIn, ranges, wording, snippet }: FinderHit): KnowledgeHit => ({
    id: entry.id, module: entry.module, question: entry.question, ranges, wording, snippet, answer: entry.answer, voice: entry.voice, department: '市生态环境局', source: entry.source.title, sourceUrl: null, audience: entry.audience ?? 'public',
    effectiveFrom: entry.effectiveFrom, expiresOn: entry.expiresOn ?? null, reviewOn: entry.reviewOn ?? null, state, stale: state === 'expired' ? `已于 ${entry.expiresOn ?? ''} 失效` : null, score, foundIn, pinned: pinned.includes(entry.id), recent: recent.includes(entry.id),
  });
  function search(query: URLSearchParams): Reply {
    const module = ENTRIES.find((entry) => entry.module === query.get('module'))?.module;
    const { hits, total, atLeast, relaxed, facets } = finder.search({ text: query.get('q') ?? '', today: TODAY, pinned, recent, ...(module === undefined ? {} : { module }) });
    return OK({ hits: hits.map(hitOf), total, atLeast, relaxed, cursor: null, facets: { modules: Object.entries(facets.modules).map(([id, count]) => ({ id, name: null, count })), departments: [] } });
  }
  function ofEntry(id: string, action: string, method: string): Reply {
    const entry = entries.get(id);
    if (entry === undefined) return NO;
    const own = [...revisions.values()].filter(({ entryId }) => entryId === id);
    if (action === 'revisions') return OK({ revisions: own });
    if (action === 'notes') return OK({ task: tasks[0] });
    if (action === 'retire') return OK({ revision: draft(entry, { wish: 'retire', state: 'review', stateName: NAMES.review }) });
    if (action === 'pin') {
      if (method === 'POST') pinned.push(id);
      else pinned.splice(pinned.indexOf(id), 1);
      return { status: 204, body: null };
    }
    if (!recent.includes(id)) recent.unshift(id);
    const row = { id, state: 'published', origin: 'file', revision: 1, updatedAt: now(), module: entry.module, question: entry.question, departmentName: '市生态环境局', owner: null, expiresOn: null, reviewOn: null };
    const related = (entry.related ?? []).flatMap((other) => (entries.has(other) ? [{ id: other, question: entries.get(other)?.question }] : []));
    return OK({ row, entry, open: own.find(({ state }) => ['draft', 'review', 'returned', 'approved'].includes(state)) ?? null, related, pinned: pinned.includes(id), openTasks: tasks.filter((task) => task.entryId === id && task.state === 'open').length });
  }
  function ofRevision(revision: KnowledgeRevisionView, action: string, method: string, body: Record<string, unknown>): Reply {
    if (method !== 'GET' && body['version'] !== revision.version) return { status: 409, body: { error: { code: 'knowledge.conflict', message: '内容已被他人修改，请刷新' } } };
    const foreign = revision.author !== seat.id;
    switch (`${method} ${action}`) {
      case 'GET ':
        return OK({ revision });
      case 'GET diff':
        return OK({ against: 1, fields: [{ field: 'answer', label: '答案', change: 'changed', shape: 'text', marks: [{ op: 'same', text: '到居住地' }, { op: 'removed', text: '派出所' }, { op: 'added', text: '服务中心' }, { op: 'same', text: '申请。' }] }, { field: 'wordings', label: '其他问法', change: 'changed', shape: 'list', marks: [{ op: 'removed', text: '暂住证在哪里办' }, { op: 'added', text: '居住证去哪办' }] }] });
      case 'GET effect': {
        const figures = { recallAt1: 0.9, wrongAnswers: 3, answered: 200, refused: 40 };
        return OK({ questions: { answerable: 260, unanswerable: 40, skipped: 0 }, before: figures, after: { ...figures, wrongAnswers: 2 }, changed: [{ q: '居住证哪里办', entry: 'permit.apply', before: { top: 'x.y', decision: 'choices', told: null }, after: { top: 'permit.apply', decision: 'answer', told: null }, verdict: 'better' }] });
      }
      case 'PUT ':
        if (faults.length > 0) return { status: 422, body: { error: { code: 'knowledge.invalid', message: '有误', faults } } };
        return change(revision, { state: 'draft', entry: { ...revision.entry, ...entryIn(body['entry']) }, note: typeof body['note'] === 'string' ? body['note'] : null });
      case 'POST submit':
        return change(revision, { state: 'review' });
      case 'POST return':
        return change(revision, { state: 'returned', verdict: String(body['verdict']), reviewerName: seat.displayName });
      case 'POST approve':
        return foreign ? change(revision, { state: body['publishAt'] === null ? 'approved' : 'published', reviewerName: seat.displayName, verdict: typeof body['verdict'] === 'string' ? body['verdict'] : null }) : { status: 403, body: { error: { code: 'knowledge.four_eyes', message: '须由他人审核。' } } };
      case 'POST publish':
        return change(revision, { state: 'published' });
      case 'POST drop':
        return change(revision, { state: 'dropped' });
      default:
        return NO;
    }
  }

  return {
    entries, revisions, tasks, gaps, faults,
    handle(method, [part = '', id = '', action = ''], query, body) {
      const revision = revisions.get(id);
      switch (part) {
        case '':
          return search(query);
        case 'entries':
          return id === '' ? OK({ entries: [], counts: {}, nextAfterId: null }) : ofEntry(id, action, method);
        case 'drafts': {
          if (faults.length > 0) return { status: 422, body: { error: { code: 'knowledge.invalid', message: '有误', faults } } };
          const source = entries.get(String(body['entryId'])) ?? revisions.get(String(body['fromRevision']))?.entry;
          const given = entryIn(body['entry']);
          return OK({ revision: draft(source ?? { ...FRESH, ...given, id: given.id ?? 'faq.fresh' }) });
        }
        case 'revisions':
          if (id !== '') return revision === undefined ? NO : ofRevision(revision, action, method, body);
          return OK({ revisions: [...revisions.values()].filter(({ state, author }) => (query.get('state') ?? '').split(',').includes(state) && (query.get('mine') !== 'true' || author === seat.id)), nextAfterId: null });
        case 'tasks': {
          const task = tasks.findIndex((each) => each.id === id);
          if (task >= 0 && tasks[task] !== undefined) tasks[task] = { ...tasks[task], state: body['state'] === 'done' ? 'done' : 'dismissed', outcome: typeof body['outcome'] === 'string' ? body['outcome'] : null };
          return OK({ tasks: tasks.filter(({ state }) => state === query.get('state')), open: 1, task: tasks[0] });
        }
        case 'gaps': {
          const at = gaps.findIndex((gap) => gap.id === id);
          const gap = gaps[at];
          if (gap === undefined) return OK({ gaps: gaps.filter(({ state }) => state === query.get('state')) });
          gaps[at] = { ...gap, state: action === 'dismiss' ? 'dismissed' : action === 'draft' ? 'drafted' : 'added' };
          const source = entries.get(String(body['entryId'])) ?? { ...FRESH, id: 'faq.gap', question: gap.title };
          return OK({ gap: gaps[at], ...(action === 'dismiss' ? {} : { revision: draft({ ...source, wordings: [...source.wordings, gap.title] }) }) });
        }
        case 'lint':
          return OK(method === 'POST' ? { added: 1 } : { entries: 3, counts: { error: 1, warning: 0, hint: 0 }, findings: [{ rule: 'voice', severity: 'error', entryIds: ['noise.night'], field: 'voice', text: '口播超过三句', mend: '缩短' }] });
        case 'import':
          return OK({ file: {}, outcome: query.get('write') === 'true' ? 'handed_in' : 'checked', counts: { new: 1, changed: 0, same: 0, refused: 1 }, written: query.get('write') === 'true' ? 1 : 0, rows: [{ row: 1, line: 2, id: 'faq.one', status: 'new', faults: [] }, { row: 2, line: 3, id: null, status: 'refused', faults: [{ field: 'answer', rule: 'too_short', text: '答案：太短' }] }] });
        default:
          return NO;
      }
    },
  };
}

const FRESH: KnowledgeEntry = { id: 'faq.fresh', module: 'faq', question: '', wordings: [], answer: '', voice: '', department: 'ecology', source: { title: '' }, effectiveFrom: TODAY };

/** What the form sent, as far as it is an object. */
function entryIn(given: unknown): Partial<KnowledgeEntry> {
  return typeof given === 'object' && given !== null ? { ...given } : {};
}
