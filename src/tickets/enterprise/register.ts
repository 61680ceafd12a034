import type { Town } from '../../domain/config-files.ts';
import { isCreditCode, normalizeCreditCode } from '../../domain/credit-code.ts';
import { normalizePhone } from '../../domain/masking.ts';
import type { Enterprise, Repositories, Seat } from '../../store/contract.ts';

/** 企业直通车: the register of chosen enterprises, as a table of rows. A row is an enterprise whole: its numbers replace those before. */

export type EnterpriseColumn = 'name' | 'creditCode' | 'phones' | 'town' | 'seat' | 'active';

export const ENTERPRISE_COLUMNS: readonly { readonly key: EnterpriseColumn; readonly label: string; readonly also: readonly string[] }[] = [
  { key: 'name', label: '企业名称', also: ['名称', '单位名称', 'enterprise'] },
  { key: 'creditCode', label: '统一社会信用代码', also: ['信用代码', '社会信用代码', '税号', 'uscc'] },
  { key: 'phones', label: '登记电话', also: ['电话', '联系电话', '来电号码', 'phone'] },
  { key: 'town', label: '所在镇街', also: ['镇街', '所属镇街', 'townid'] },
  { key: 'seat', label: '专员', also: ['专属坐席', '服务专员', '专员账号', 'seatusername'] },
  { key: 'active', label: '是否有效', also: ['有效', '状态'] },
];

/** One row as it was found. */
export type EnterpriseRow = { readonly line: number } & ({ readonly cells: Readonly<Partial<Record<EnterpriseColumn, string>>> } | { readonly fault: string });

export interface EnterpriseReport {
  readonly line: number;
  /** Null when the row has none that can be read. */
  readonly creditCode: string | null;
  readonly status: 'new' | 'changed' | 'refused';
  readonly reasons: readonly string[];
}

/** What a row asks for. */
export interface EnterpriseGiven {
  readonly name: string;
  readonly creditCode: string;
  readonly phones: readonly string[];
  readonly townId: string | null;
  readonly seatId: string | null;
  readonly active: boolean;
}

export interface RegisterLists {
  readonly towns: readonly Pick<Town, 'id' | 'name'>[];
  readonly seats: readonly Pick<Seat, 'id' | 'username' | 'displayName' | 'active' | 'role'>[];
}

const NO = new Set(['否', '无效', '停用', '注销', 'no', 'false', '0']);

/** @returns what the row asks for, or every reason against it */
export function readEnterprise(cells: Readonly<Partial<Record<EnterpriseColumn, string>>>, { towns, seats }: RegisterLists): EnterpriseGiven | { readonly reasons: readonly string[] } {
  const text = (key: EnterpriseColumn): string => (cells[key] ?? '').normalize('NFKC').trim();
  const reasons: string[] = [];
  const name = text('name');
  if (name.length < 2 || name.length > 120) reasons.push('企业名称要有 2 到 120 个字');
  const creditCode = normalizeCreditCode(text('creditCode'));
  if (!isCreditCode(creditCode)) reasons.push('统一社会信用代码不对（18 位，末位是校验码）');
  const numbers = text('phones').split(/[,，、;；|\r\n]+/).filter((part) => part.trim() !== '');
  const phones = numbers.flatMap((number) => normalizePhone(number)?.phone ?? []);
  // Which one is wrong is told by its place: a number does not belong into a report.
  numbers.forEach((number, index) => {
    if (normalizePhone(number) === null) reasons.push(`第 ${index + 1} 个电话不是电话号码`);
  });
  const town = towns.find(({ id, name: known }) => [id, known].includes(text('town')));
  if (text('town') !== '' && town === undefined) reasons.push('没有这个镇街');
  const seat = seats.find(({ username, displayName, active, role }) => active && role !== 'department' && [username, displayName].includes(text('seat')));
  if (text('seat') !== '' && seat === undefined) reasons.push('没有这位专员，或者已停用');
  if (reasons.length > 0) return { reasons };
  return { name, creditCode, phones: [...new Set(phones)], townId: town?.id ?? null, seatId: seat?.id ?? null, active: !NO.has(text('active').toLowerCase()) };
}

export interface RegisterImport {
  readonly rows: readonly EnterpriseReport[];
  readonly counts: Readonly<Record<EnterpriseReport['status'], number>>;
  readonly written: number;
}

export interface ImportGiven {
  readonly rows: AsyncIterable<EnterpriseRow>;
  readonly towns: RegisterLists['towns'];
  /** Nothing is written unless told to, and nothing at all when a row is refused. */
  readonly write: boolean;
  readonly now: number;
  readonly newId: () => string;
}

/** Reads every row, says what it would do, and writes all of them in the caller's transaction or none. */
export async function importEnterprises(repos: Pick<Repositories, 'enterprises' | 'seats'>, { rows, towns, write, now, newId }: ImportGiven): Promise<RegisterImport> {
  const seats = await repos.seats.list();
  const reports: EnterpriseReport[] = [];
  const wanted: EnterpriseGiven[] = [];
  const lines = new Map<string, number>();
  for await (const row of rows) {
    if ('fault' in row) {
      reports.push({ line: row.line, creditCode: null, status: 'refused', reasons: [row.fault] });
      continue;
    }
    const read = readEnterprise(row.cells, { towns, seats });
    if ('reasons' in read) {
      reports.push({ line: row.line, creditCode: null, status: 'refused', reasons: read.reasons });
      continue;
    }
    const before = lines.get(read.creditCode);
    if (before !== undefined) {
      reports.push({ line: row.line, creditCode: read.creditCode, status: 'refused', reasons: [`与第 ${before} 行是同一家企业`] });
      continue;
    }
    lines.set(read.creditCode, row.line);
    wanted.push(read);
    reports.push({ line: row.line, creditCode: read.creditCode, status: (await repos.enterprises.findByCreditCode(read.creditCode)) === null ? 'new' : 'changed', reasons: [] });
  }
  const counts = { new: 0, changed: 0, refused: 0 };
  for (const { status } of reports) counts[status] += 1;
  if (!write || counts.refused > 0) return { rows: reports, counts, written: 0 };
  for (const given of wanted) await putEnterprise(repos, given, now, newId());
  return { rows: reports, counts, written: wanted.length };
}

/** Inserts, or updates the one with this credit code. */
export async function putEnterprise({ enterprises }: Pick<Repositories, 'enterprises'>, { phones, ...given }: EnterpriseGiven, now: number, id: string): Promise<Enterprise> {
  const before = await enterprises.findByCreditCode(given.creditCode);
  const enterprise: Enterprise = { ...given, id: before?.id ?? id, createdAt: before?.createdAt ?? now, updatedAt: now };
  await enterprises.put(enterprise, phones);
  return enterprise;
}
