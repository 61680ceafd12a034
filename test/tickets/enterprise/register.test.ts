import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importEnterprises, type EnterpriseRow } from '../../../src/tickets/enterprise/register.ts';
import { openIntake, type IntakeUnderTest } from '../../support/intake.ts';

const CODE = '91350100M000100Y43';
const OTHER = '91441900MA5DEM002P';

describe('the register of enterprises', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());

  async function* rowsOf(rows: readonly (Readonly<Record<string, string>> | string)[]): AsyncGenerator<EnterpriseRow> {
    for (const [index, row] of rows.entries()) yield typeof row === 'string' ? { line: index + 2, fault: row } : { line: index + 2, cells: row };
  }
  const run = (rows: readonly (Readonly<Record<string, string>> | string)[], write = true) =>
    intake.store.write((repos) => importEnterprises(repos, { rows: rowsOf(rows), towns: intake.context.city.towns, write, now: intake.clock.now(), newId: intake.context.newId }));

  it('enters an enterprise with its town, seat and numbers, and changes it by its code', async () => {
    const seat = await intake.seat({ username: 'zhuanyuan', displayName: '李专员' });
    const town = intake.context.city.towns[0];
    const row = { name: '示范精密制造有限公司', creditCode: CODE.toLowerCase(), phones: '13800138000、0769-22222222', town: town?.name ?? '', seat: '李专员' };
    expect(await run([row])).toMatchObject({ counts: { new: 1, changed: 0, refused: 0 }, written: 1 });
    expect(await intake.store.read((repos) => repos.enterprises.findByPhone('076922222222'))).toMatchObject({ name: '示范精密制造有限公司', creditCode: CODE, townId: town?.id, seatId: seat.id, active: true });
    expect(await run([{ ...row, phones: '13900139000', active: '否' }])).toMatchObject({ counts: { new: 0, changed: 1 }, written: 1 });
    expect(await intake.store.read((repos) => repos.enterprises.findByCreditCode(CODE))).toMatchObject({ active: false });
    expect(await intake.store.read((repos) => repos.enterprises.findByPhone('13800138000'))).toBeNull();
  });

  it('tells of every row that cannot be taken, with all reasons and no number, and writes nothing', async () => {
    const report = await run([
      { name: '甲', creditCode: 'X', phones: '12、13800138000', town: '没有镇', seat: '没有人' },
      { name: '示范电子厂', creditCode: CODE },
      { name: '示范电子厂分厂', creditCode: CODE },
      '这一行读不出来',
      { name: '示范物流有限公司', creditCode: OTHER },
    ]);
    expect(report.counts).toEqual({ new: 2, changed: 0, refused: 3 });
    expect(report.rows[0]?.reasons).toEqual(['企业名称要有 2 到 120 个字', '统一社会信用代码不对（18 位，末位是校验码）', '第 1 个电话不是电话号码', '没有这个镇街', '没有这位专员，或者已停用']);
    expect(report.rows.map(({ line, status }) => [line, status])).toEqual([[2, 'refused'], [3, 'new'], [4, 'refused'], [5, 'refused'], [6, 'new']]);
    expect([report.written, (await intake.store.read((repos) => repos.enterprises.list({ limit: 9 }))).length]).toEqual([0, 0]);
    expect(JSON.stringify(report)).not.toContain('13800138000');
  });

  it('writes nothing when it is only to look', async () => {
    expect(await run([{ name: '示范电子厂', creditCode: CODE }], false)).toMatchObject({ counts: { new: 1 }, written: 0 });
    expect(await intake.store.read((repos) => repos.enterprises.list({ limit: 9 }))).toEqual([]);
  });
});
