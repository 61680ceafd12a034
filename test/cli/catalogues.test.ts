import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runYihu } from '../../src/cli/yihu.ts';
import { aTicket } from '../factories/index.ts';
import { demo } from '../tickets/catalogue/support.ts';
import { commandFolder, type Ran } from './support.ts';

const { path, run, inStore } = commandFolder();
const yihu = (...given: readonly string[]): Promise<Ran> => run(runYihu, ...given);

describe('yihu items import and export', () => {
  it('writes what it reads, and changes nothing without --apply', async () => {
    expect(await yihu('items', 'export', path('items.csv'))).toMatchObject({ code: 0, out: expect.stringContaining(`${demo.items.length} 个事项`) });
    expect(JSON.parse((await yihu('items', 'import', path('items.csv'), '--json')).out)).toMatchObject({ ok: true, counts: { same: demo.items.length, refused: 0 }, gone: [], version: null });
    const text = readFileSync(path('items.csv'), 'utf8').replace('路灯故障', '路灯不亮或损坏');
    writeFileSync(path('new.csv'), text);
    expect(await yihu('items', 'import', path('new.csv'))).toMatchObject({ code: 0, out: expect.stringContaining('修改 1') });
    expect(await inStore((store) => store.read((repos) => repos.catalogues.list('items', 9)))).toEqual([]);
    expect(await yihu('items', 'import', path('new.csv'), '--apply')).toMatchObject({ code: 0, out: expect.stringContaining('草稿第 1 版') });
    expect(await inStore((store) => store.read((repos) => repos.catalogues.list('items', 9)))).toMatchObject([{ version: 1, state: 'draft', author: 'system' }]);
    expect(await yihu('items', 'export', path('draft.jsonl'), '--version', '1')).toMatchObject({ code: 0 });
    expect(readFileSync(path('draft.jsonl'), 'utf8')).toContain('路灯不亮或损坏');
  });

  it('tells each bad row with its line and reason, and what is gone', async () => {
    writeFileSync(path('bad.csv'), '编码,名称,诉求类型,承办单位\na,甲,投诉,没有的单位\nb,乙,抱怨,公安局\na,丙,投诉,公安局\n');
    const told = await yihu('items', 'import', path('bad.csv'), '--apply');
    expect(told).toMatchObject({ code: 1, out: expect.stringMatching(/第 2 行（a） 拒绝：.*没有的单位[^]*第 3 行（b） 拒绝：诉求类型[^]*第 4 行（a） 拒绝[^]*拒绝 3；有行被拒绝/) });
    expect(told.out).toContain('现行目录里有的：');
    expect(await inStore((store) => store.read((repos) => repos.catalogues.list('items', 9)))).toEqual([]);
    expect((await yihu('items', 'export', path('x.txt'))).code).toBe(2);
    expect((await yihu('items', 'import')).code).toBe(2);
    expect((await yihu('items', 'export', path('x.csv'), '--version', '7')).code).toBe(1);
  });
});

describe('yihu items train --from-desk', () => {
  it('learns from the catalogue and the corrections, and keeps the old model when told and worse', async () => {
    await inStore((store) => store.write(async (repos) => {
      for (let at = 0; at < 8; at += 1) await repos.itemCorrections.insert({ id: `c${at}`, ticketId: `t${at}`, text: `天桥上的灯第${at}天没亮`, suggested: null, chosen: 'city.street-lamp', by: 'seat', at: 0 });
    }));
    writeFileSync(path('filed.jsonl'), demo.items.flatMap(({ code, examples }) => examples.map((text) => `${JSON.stringify({ text: `请问${text}`, item: code })}\n`)).join(''));
    const trained = JSON.parse((await yihu('items', 'train', '--from-desk', '--data', path('filed.jsonl'), '--keep-data', '--json')).out);
    const examples = demo.items.reduce((sum, item) => sum + item.examples.length, 0);
    expect(trained).toMatchObject({ ok: true, texts: 2 * examples + 8, base: examples, corrections: 8, labels: demo.items.length, taken: true, out: path('data/items.model') });
    expect(existsSync(path('data/items.jsonl'))).toBe(true);
    // The same messages under other items: nothing holds together any more.
    const codes = demo.items.map(({ code }) => code);
    writeFileSync(path('data/items.jsonl'), demo.items.flatMap(({ examples: texts }, row) => texts.map((text, at) => `${JSON.stringify({ text: `请问${text}`, item: codes[(row * 7 + at * 13) % codes.length] })}\n`)).join(''));
    const worse = JSON.parse((await yihu('items', 'train', '--from-desk', '--unless-worse', '--json')).out);
    expect(worse).toMatchObject({ ok: true, taken: false, base: examples });
    expect(worse.baseAccuracy).toBeLessThan(trained.baseAccuracy);
    expect((await yihu('items', 'train', '--keep-data', '--from-desk')).code).toBe(2);
  }, 60_000);
});

describe('yihu dispatch try', () => {
  it('says what other rules would have done', async () => {
    await inStore((store) => store.write(async (repos) => {
      const citizenId = await repos.citizens.resolve({ id: 'citizen-1', channel: 'webchat', externalUserId: null, phone: null, displayName: null, now: Date.now() });
      for (let at = 0; at < 3; at += 1) await repos.tickets.insert(aTicket({ id: `t${at}`, number: `2026112300000${at}`, citizenId, conversationId: null, itemCode: at === 0 ? 'traffic.road' : 'city.street-lamp', townId: null, kind: '投诉', createdAt: Date.now() - 1_000 - at }), null);
    }));
    writeFileSync(path('routing.yaml'), 'routes:\n  - { id: lamps, when: { items: [city.street-lamp] }, to: ps, why: 试 }\n  - { id: trees, when: { items: [city.tree] }, to: ps, why: 试 }\n  - { id: default, when: {}, to: item, why: 按事项 }\n');
    const told = await yihu('dispatch', 'try', '--file', path('routing.yaml'), '--json');
    expect(JSON.parse(told.out)).toMatchObject({ ok: true, tickets: 3, elsewhere: 2, unreached: ['trees'] });
    expect(await yihu('dispatch', 'try', '--version', '0')).toMatchObject({ code: 0, out: expect.stringContaining('3 件工单：0 件会派到别处') });
    writeFileSync(path('bad.yaml'), 'routes:\n  - { id: lamps, when: {}, to: nobody, why: 试 }\n');
    expect(await yihu('dispatch', 'try', '--file', path('bad.yaml'))).toMatchObject({ code: 1, err: expect.stringContaining('没有承办单位 nobody') });
    expect((await yihu('dispatch', 'try')).code).toBe(2);
    expect((await yihu('dispatch', 'what')).code).toBe(2);
    expect(await yihu('dispatch', '--help')).toMatchObject({ code: 0 });
  });
});
