import type { Database } from 'better-sqlite3';
import type pg from 'pg';
import { searchWords } from '../../../src/store/search-words.ts';
import { createRandom } from '../statistics.ts';

/**
 * A city's tickets as rows, for measurements: spread over departments, towns and items as unevenly as a city's are, over eleven months,
 * nineteen of twenty archived and the open ones the newest. The texts are combined from parts, so that there are common words, seldom
 * ones, and ones that only one ticket has. The same in every run.
 */

export const DEPARTMENTS = 83;
export const TOWNS = 35;
export const ITEMS = 90;
export const CITIZENS = 20_000;
export const MONTHS_MS = 335 * 86_400_000;
const DAY = 86_400_000;

export type Cell = string | number | null;
/** In this order; what is not named has its default. */
export const TICKET_COLUMNS = [
  'id', 'number', 'kind', 'state', 'item_code', 'title', 'content', 'town_id', 'place', 'department_id', 'urgency', 'confidential', 'callback', 'citizen_id', 'enterprise_id', 'channel',
  'deadline_at', 'deadline_rule', 'overdue_at', 'dispatched_at', 'finished_at', 'archived_at', 'urges', 'supervision', 'leading_id', 'created_at', 'updated_at', 'version', 'last_event_seq',
] as const;

export interface MadeTicket {
  readonly cells: readonly Cell[];
  readonly id: string;
  readonly createdAt: number;
  readonly departmentId: string;
  readonly assistId: string | null;
  readonly words: string;
}

const KINDS = [['求助', 0.5], ['投诉', 0.3], ['咨询', 0.15], ['建议', 0.03], ['举报', 0.015], ['表扬', 0.005]] as const;
const STATES = [['办理中', 0.5], ['待签收', 0.1], ['待派', 0.08], ['回访', 0.08], ['受理', 0.06], ['办结待审', 0.06], ['退单待审', 0.04], ['延期待审', 0.03], ['重办', 0.02], ['提级', 0.02], ['挂起', 0.01]] as const;
const CHANNELS = [['phone', 0.86], ['webchat', 0.065], ['wechat', 0.0649], ['dingtalk', 0.01], ['open311', 0.0001]] as const;
const URGENCIES = [['normal', 0.97], ['urgent', 0.0295], ['emergency', 0.0005]] as const;
const SUBJECTS = ['路灯不亮', '夜间施工噪声', '小区停水', '垃圾无人清运', '违章停车', '公积金提取', '拖欠工资', '燃气泄漏', '井盖缺失', '油烟扰民', '电梯故障', '道路积水', '公交晚点', '物业收费', '居住证办理', '学区划分', '医保报销', '非法占道', '树木倒伏', '广场舞噪声', '共享单车乱放', '供暖不足', '消防通道堵塞', '宠物扰民', '网络诈骗'];
const WORDS = ['晚上', '老人', '孩子', '门口', '多次', '反映', '没有', '处理', '希望', '尽快', '派人', '影响', '生活', '已经', '三天', '一周', '居民', '楼下', '物业', '社区', '马路', '学校', '旁边', '严重', '安全', '隐患', '请求', '解决', '答复', '满意', '工地', '商铺', '停车', '通知', '收费', '合同', '维修', '更换', '检查', '电话'];
const STREETS = ['建设', '解放', '人民', '中山', '和平', '新华', '文化', '青年', '胜利', '光明', '幸福', '友谊', '长江', '黄河', '珠江', '东风', '前进', '团结', '民主', '振兴'];
/** Characters that few texts have. */
const SELDOM = [...'璟瓒懿翊祺瑄琮睿澍霖鑫淼焱垚犇骉羴猋鱻麤'];

export interface Making {
  readonly rows: number;
  /** Newest ticket, epoch ms. */
  readonly until: number;
}

export function* makeTickets({ rows, until }: Making): Generator<MadeTicket> {
  const random = createRandom(20_261_123);
  const pick = <Each>(from: readonly Each[], fallback: Each): Each => from[Math.floor(random() * from.length)] ?? fallback;
  const weighted = (from: readonly (readonly [string, number])[]): string => {
    let left = random();
    for (const [value, weight] of from) if ((left -= weight) < 0) return value;
    return from[0]?.[0] ?? '';
  };
  /** Zipf-like: the first have most. */
  const skewed = (amount: number): number => Math.min(amount - 1, Math.floor(amount * random() ** 2.5));
  let day = '';
  let sequence = 0;
  for (let index = 0; index < rows; index += 1) {
    const createdAt = Math.round(until - MONTHS_MS * (1 - (index + 1) / rows));
    const date = new Date(createdAt).toISOString().slice(0, 10).replaceAll('-', '');
    if (date !== day) [day, sequence] = [date, 0];
    sequence += 1;
    const number = `${date}${String(sequence).padStart(5, '0')}${sequence % 10}`;
    const id = idOf(createdAt, index);
    // The last months hold the open ones: of the newest hundredth nearly all, then fewer.
    const age = (rows - index) / rows;
    const open = random() < (age < 0.02 ? 0.9 : age < 0.06 ? 0.5 : age < 0.2 ? 0.07 : 0.003);
    const state = open ? weighted(STATES) : '归档';
    const department = `dep-${skewed(DEPARTMENTS)}`;
    const item = skewed(ITEMS);
    const town = skewed(TOWNS);
    const subject = SUBJECTS[(item + skewed(SUBJECTS.length)) % SUBJECTS.length] ?? '';
    const place = `${pick(STREETS, '')}路${1 + Math.floor(random() * 400)}号${pick(STREETS, '')}${random() < 0.01 ? pick(SELDOM, '') : ''}小区${1 + Math.floor(random() * 30)}栋`;
    const content = `市民来电反映${place}${subject}，${Array.from({ length: 12 + Math.floor(random() * 14) }, () => pick(WORDS, '')).join('')}。${random() < 0.1 ? `车牌苏A${String(Math.floor(random() * 100_000)).padStart(5, '0')}。` : ''}`;
    const title = `${place.slice(0, 5)}${subject}`;
    const deadlineAt = random() < 0.95 ? createdAt + 5 * DAY : null;
    const overdue = deadlineAt !== null && deadlineAt < until && (open ? random() < 0.25 : random() < 0.03);
    yield {
      id, createdAt, departmentId: department, assistId: random() < 0.1 ? `dep-${skewed(DEPARTMENTS)}` : null, words: searchWords([title, content, place]),
      cells: [
        id, number, weighted(KINDS), state, `item-${item}`, title, content, `town-${town}`, place, department, weighted(URGENCIES), random() < 0.02 ? 1 : 0, 0, `bench-citizen-${Math.floor(random() * CITIZENS)}`,
        random() < 0.01 ? `enterprise-${Math.floor(random() * 500)}` : null, weighted(CHANNELS), deadlineAt, deadlineAt === null ? null : 'demo.general', overdue ? deadlineAt : null, createdAt + 3_600_000,
        open ? null : createdAt + 4 * DAY, open ? null : createdAt + 5 * DAY, random() < 0.05 ? 1 : 0, open && random() < 0.01 ? 1 + Math.floor(random() * 3) : 0, random() < 0.01 && index > 0 ? idOf(createdAt, index % 97) : null,
        createdAt, createdAt + 5 * DAY, 8, 10,
      ],
    };
  }
}

/** As an id of that time would be. */
function idOf(at: number, index: number): string {
  const time = at.toString(16).padStart(12, '0');
  const rest = (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${(index % 4096).toString(16).padStart(3, '0')}-a${rest.slice(0, 3)}-${rest.slice(3)}${String(index % 10_000_000).padStart(7, '0')}`;
}

/** Ten events of each ticket, two clocks and, of every thirtieth, a request and a file: made from the tickets where they lie. The same SQL in both dialects. */
export const DERIVED = [
  `insert into ticket_events (ticket_id, seq, type, actor, at, data)
   select t.id, s.seq, s.type, s.actor, t.created_at + s.seq * 3600000, s.data from tickets t cross join (
     select 1 as seq, 'ticket.opened' as type, '{"kind":"system"}' as actor, '{"number":"2026112200001","channel":"phone"}' as data
     union all select 2, 'ticket.dispatched', '{"kind":"seat","seatId":"seat-17"}', '{"departmentId":"dep-1","reason":"按派单目录第12条"}'
     union all select 3, 'ticket.signed', '{"kind":"department","departmentId":"dep-1","seatId":null}', '{}'
     union all select 4, 'ticket.note', '{"kind":"department","departmentId":"dep-1","seatId":"seat-40"}', '{"text":"已联系市民，约定明日上午现场查看。"}'
     union all select 5, 'ticket.urged', '{"kind":"citizen"}', '{"times":1}'
     union all select 6, 'ticket.warned', '{"kind":"system"}', '{"stage":"handle"}'
     union all select 7, 'ticket.note', '{"kind":"department","departmentId":"dep-1","seatId":"seat-40"}', '{"text":"现场已处理，正在整理材料。"}'
     union all select 8, 'ticket.finished', '{"kind":"department","departmentId":"dep-1","seatId":null}', '{"result":"已经修复并回复市民。"}'
     union all select 9, 'ticket.visited', '{"kind":"system"}', '{"solved":true}'
     union all select 10, 'ticket.archived', '{"kind":"system"}', '{}') s`,
  `insert into ticket_clocks (ticket_id, stage, run, rule, started_at, due_at, ended_at, warned, overdue_at, rung, next_at)
   select id, 'accept', 1, '{"hours":2}', created_at, created_at + 7200000, created_at + 3600000, 0, null, 0, null from tickets`,
  `insert into ticket_clocks (ticket_id, stage, run, rule, started_at, due_at, ended_at, warned, overdue_at, rung, next_at)
   select id, 'handle', 1, '{"workdays":5}', created_at + 3600000, deadline_at, archived_at, 1, overdue_at, 0, case when archived_at is null then deadline_at end from tickets`,
  `insert into ticket_requests (id, ticket_id, kind, department_id, item_code, reason_code, reason, evidence, asked_by, asked_at, judge_by, state, judged_at)
   select 'request-' || id, id, 'return', department_id, item_code, 'not_ours', '不属于本单位职责', '[]', 'seat-40', created_at + 7200000, created_at + 172800000, 'refused', created_at + 86400000 from tickets where substr(number, 12, 2) in ('17', '42', '93')`,
  `insert into ticket_files (id, ticket_id, media, name, content_type, purpose, added_by, at)
   select 'file-' || id, id, 'media-' || id, 'photo.jpg', 'image/jpeg', 'evidence', 'seat-40', created_at + 7200000 from tickets where substr(number, 12, 2) in ('17', '42', '93')`,
] as const;

const AT_ONCE = 20_000;

/** Into a file whose tables are up to date and empty. Indexes are made afterwards, in one go each. */
export async function fillSqlite(client: Database, given: Making & { readonly progress?: (part: number, doing: string) => void; readonly stop?: AbortSignal }): Promise<void> {
  for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -400000', 'foreign_keys = OFF', 'temp_store = MEMORY']) client.pragma(pragma);
  const indexes = client.prepare<[], { readonly name: string; readonly sql: string }>("select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name in ('tickets', 'ticket_departments', 'ticket_clocks', 'ticket_requests', 'ticket_files')").all();
  for (const { name } of indexes) client.exec(`drop index "${name}"`);
  const citizen = client.prepare('insert into citizens (id, created_at) values (?, ?)');
  client.transaction(() => {
    for (let index = 0; index < CITIZENS; index += 1) citizen.run(`bench-citizen-${index}`, given.until - MONTHS_MS);
  })();
  const ticket = client.prepare(`insert into tickets (${TICKET_COLUMNS.join(', ')}) values (${TICKET_COLUMNS.map(() => '?').join(', ')})`);
  const department = client.prepare('insert or ignore into ticket_departments (ticket_id, department_id, part, created_at) values (?, ?, ?, ?)');
  const text = client.prepare('insert into ticket_texts (ticket_id, created_at, words) values (?, ?, ?)');
  let made = 0;
  client.exec('begin');
  for (const one of makeTickets(given)) {
    ticket.run(one.cells);
    department.run(one.id, one.departmentId, 'lead', one.createdAt);
    if (one.assistId !== null) department.run(one.id, one.assistId, 'assist', one.createdAt);
    text.run(one.id, one.createdAt, one.words);
    made += 1;
    if (made % AT_ONCE > 0) continue;
    client.exec('commit');
    given.progress?.((0.6 * made) / given.rows, `filling, ${made} tickets`);
    // Lets Ctrl+C in.
    await new Promise((resolve) => void setImmediate(resolve));
    client.exec('begin');
    if (given.stop?.aborted === true) break;
  }
  client.exec('commit');
  for (const [index, statement] of DERIVED.entries()) {
    given.progress?.(0.6 + 0.05 * index, 'events, clocks, requests');
    client.exec(statement);
  }
  given.progress?.(0.9, 'indexes');
  for (const { sql } of indexes) client.exec(sql);
  client.pragma('journal_mode = WAL');
}

/** Rows in one INSERT: a statement has at most 65,535 values. */
const ROWS_AT_ONCE = 1000;

/** Into a database whose tables are up to date and empty. */
export async function fillPostgres(client: pg.Client, given: Making & { readonly progress?: (part: number, doing: string) => void; readonly stop?: AbortSignal }): Promise<void> {
  const insert = async (table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> => {
    if (rows.length === 0) return;
    const values = rows.map((_, row) => `(${columns.map((column, index) => `$${row * columns.length + index + 1}${column === 'confidential' || column === 'callback' ? '::int::boolean' : ''}`).join(', ')})`).join(', ');
    await client.query(`insert into ${table} (${columns.join(', ')}) values ${values} on conflict do nothing`, rows.flat());
  };
  await client.query('set synchronous_commit = off');
  for (let from = 0; from < CITIZENS; from += ROWS_AT_ONCE) await insert('citizens', ['id', 'created_at'], Array.from({ length: ROWS_AT_ONCE }, (_, index) => [`bench-citizen-${from + index}`, given.until - MONTHS_MS]));
  let waiting: MadeTicket[] = [];
  let made = 0;
  const write = async (): Promise<void> => {
    await client.query('begin');
    await insert('tickets', TICKET_COLUMNS, waiting.map(({ cells }) => cells));
    await insert('ticket_departments', ['ticket_id', 'department_id', 'part', 'created_at'], waiting.flatMap(({ id, departmentId, assistId, createdAt }) => [[id, departmentId, 'lead', createdAt], ...(assistId === null ? [] : [[id, assistId, 'assist', createdAt]])]));
    await insert('ticket_texts', ['ticket_id', 'created_at', 'words'], waiting.map(({ id, createdAt, words }) => [id, createdAt, words]));
    await client.query('commit');
    made += waiting.length;
    waiting = [];
    given.progress?.((0.6 * made) / given.rows, `filling, ${made} tickets`);
  };
  for (const one of makeTickets(given)) {
    waiting.push(one);
    if (waiting.length === ROWS_AT_ONCE) await write();
    if (given.stop?.aborted === true) break;
  }
  await write();
  for (const [index, statement] of DERIVED.entries()) {
    given.progress?.(0.6 + 0.05 * index, 'events, clocks, requests');
    await client.query(statement);
  }
  // As autovacuum does in time.
  await client.query('vacuum analyze');
}
