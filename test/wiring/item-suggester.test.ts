import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Item } from '../../src/domain/config-files.ts';
import { openCatalogues } from '../../src/wiring/catalogues.ts';
import { openItemSuggester, type LiveItemSuggester } from '../../src/wiring/item-suggester.ts';
import { tendItemModel, trainedBefore, trainHere } from '../../src/wiring/item-trainer.ts';
import type { TrainingRows } from '../../src/tickets/catalogue/training.ts';
import { createFakeMedium } from '../fakes/news.ts';
import { until } from '../support/until.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { anItem, demo, itemsBody } from '../tickets/catalogue/support.ts';

const NOISE = anItem('env.noise', { name: '噪声', keywords: ['噪音'], examples: ['半夜施工噪音太吵', '打桩吵得睡不着'] });
const WAGE = anItem('labour.wage', { name: '欠薪', keywords: ['拖欠工资'], examples: ['老板拖欠工资', '几个月没发工资'] });
const filed = (noise = 'env.noise', wage = 'labour.wage') => Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? { text: `工地半夜施工打桩噪音太吵，第${at}天`, item: noise } : { text: `老板拖欠工资不发，已经${at}个月`, item: wage }));
const rows = (list: readonly { text: string; item: string }[]): TrainingRows => ({ rows: list, base: list.length, corrections: 0, names: new Map(), parents: new Map() });

describe('the item suggester of a node', () => {
  let folder = '';
  let said: string[] = [];
  let city: { items: readonly Item[] };
  let suggester: LiveItemSuggester;
  const log = { info: (_facts: object, text: string) => said.push(text), warn: (_facts: object, text: string) => said.push(text) };
  const open = () => openItemSuggester({ dataDir: folder, city, words: {}, log, every: () => () => {} });
  let files = 0;
  const keep = (bytes: Uint8Array | string): void => {
    writeFileSync(join(folder, 'items.model'), bytes);
    // Two files of one size in one tick of the disk's clock would look the same.
    utimesSync(join(folder, 'items.model'), 1, (files += 1));
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yihu-suggester-'));
    said = [];
    city = { items: [NOISE, WAGE] };
    suggester = open();
  });
  afterEach(async () => {
    await suggester.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('suggests from the examples until there is a model, and says for sure only by one', async () => {
    await suggester.look();
    expect(suggester.status()).toEqual({ by: 'examples', labels: 0, sureFrom: null });
    const [first] = suggester.suggest('隔壁半夜打桩噪音');
    expect([first?.code, first?.sure]).toEqual(['env.noise', undefined]);
    keep(trainHere(rows(filed()), {}).file);
    await suggester.look();
    expect(suggester.status()).toMatchObject({ by: 'learned', labels: 2 });
    expect(suggester.suggest('公司拖欠我的工资')[0]).toMatchObject({ code: 'labour.wage', name: '欠薪', sure: expect.any(Boolean) });
    expect(suggester.suggest('公司拖欠我的工资')[1]?.sure).toBe(false);
  });

  it('follows the catalogue: items that are gone are not suggested, a model of another catalogue not used', async () => {
    keep(trainHere(rows(filed()), {}).file);
    await suggester.look();
    city.items = [WAGE, anItem('other.item')];
    expect(suggester.suggest('半夜打桩噪音').map(({ code }) => code)).not.toContain('env.noise');
    city.items = [anItem('other.item', { examples: ['半夜打桩噪音', '施工'] })];
    expect(suggester.suggest('半夜打桩噪音')[0]?.code).toBe('other.item');
    expect(suggester.status().by).toBe('examples');
    expect(said).toContain('the item model is of another catalogue: items are suggested from their examples');
  });

  it('suggests the enterprise lane\'s items only to enterprises, by examples and by a model, and nothing else changes for citizens', async () => {
    const LANED = anItem('ent.noise', { name: '企业噪声', lane: 'enterprise', keywords: ['噪音'], examples: ['半夜施工噪音太吵，员工宿舍打桩', '厂区施工噪音'] });
    const text = '半夜打桩噪音，员工宿舍';
    const before = suggester.suggest(text);
    city.items = [NOISE, LANED, WAGE];
    expect(suggester.suggest(text)).toEqual(before);
    expect(suggester.suggest(text, 'enterprise').map(({ code }) => code)).toContain('ent.noise');
    keep(trainHere(rows(filed('ent.noise')), {}).file);
    await suggester.look();
    expect(suggester.status().by).toBe('learned');
    expect(suggester.suggest(text, 'enterprise')[0]?.code).toBe('ent.noise');
    const open = suggester.suggest(text);
    expect(open.map(({ code }) => code)).not.toContain('ent.noise');
    // What was second is not sure of itself only because the first is hidden.
    expect(open.some(({ sure }) => sure === true)).toBe(false);
  });

  it('knows the demo catalogue\'s lane', () => {
    city.items = demo.items;
    const lane = demo.items.filter((item) => item.lane === 'enterprise').map(({ code }) => code);
    expect(lane.length).toBeGreaterThanOrEqual(7);
    expect(suggester.suggest('厂房想加建两层，容积率不够', 'enterprise')[0]?.code).toBe('ent.plot-ratio');
    expect(suggester.suggest('银行突然抽贷，企业融资困难', 'enterprise')[0]?.code).toBe('ent.finance');
    for (const item of demo.items) for (const said of item.examples) expect(suggester.suggest(said).filter(({ code }) => lane.includes(code))).toEqual([]);
  });

  it('goes on with the model it has when the file is broken, and without one when it is taken away', async () => {
    keep(trainHere(rows(filed()), {}).file);
    await suggester.look();
    keep('half written');
    await suggester.look();
    expect([suggester.status().by, said.at(-1)]).toEqual(['learned', 'the item model cannot be read']);
    rmSync(join(folder, 'items.model'));
    await suggester.look();
    expect(suggester.status().by).toBe('examples');
  });

  describe('learned anew at night', () => {
    let intake: IntakeUnderTest;
    /** 03:30 in Beijing. */
    const NIGHT = Date.UTC(2026, 10, 22, 19, 30);
    let now = NIGHT;
    beforeEach(async () => {
      intake = await openIntake();
      now = NIGHT;
    });
    afterEach(() => intake.close());
    const tend = (train = async (given: TrainingRows) => trainHere(given, {})) => tendItemModel({ store: intake.store, city, dataDir: folder, words: {}, now: () => now, log, every: () => () => {}, train });
    const correct = (list: readonly { text: string; item: string }[]) =>
      intake.store.write(async (repos) => {
        for (const [at, { text, item }] of list.entries()) await repos.itemCorrections.insert({ id: `c${String(at).padStart(4, '0')}`, ticketId: `t${at}`, text, suggested: null, chosen: item, by: 'seat', at: now });
      });
    const base = (): void => writeFileSync(join(folder, 'items.jsonl'), filed().map((row) => `${JSON.stringify(row)}\n`).join(''));
    const first = (): void => keep(trainHere({ ...rows(filed()), base: 40 }, {}).file);

    it('takes what seats put right, once', async () => {
      base();
      first();
      await correct(filed().slice(0, 12).map(({ text, item }) => ({ text: `更正 ${text}`, item })));
      const retraining = tend();
      now = NIGHT + 12 * 3_600_000;
      expect(await retraining.tick()).toBe('idle');
      now = NIGHT;
      expect(await retraining.tick()).toBe('taken');
      expect(await trainedBefore(join(folder, 'items.model'))).toMatchObject({ texts: 40 + 4 + 12, base: 40 });
      expect(await retraining.tick()).toBe('idle');
      expect(await tend().tick()).toBe('idle');
    });

    it('keeps the old model when the new one tells the base worse', async () => {
      base();
      first();
      // Somebody files everything the wrong way round.
      await correct(Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? { text: `工地半夜施工打桩噪音太吵，第${at % 40}天`, item: 'labour.wage' } : { text: `老板拖欠工资不发，已经${at % 40}个月`, item: 'env.noise' })));
      const before = await trainedBefore(join(folder, 'items.model'));
      expect(before?.baseAccuracy).toBeGreaterThan(0.9);
      expect(await tend().tick()).toBe('kept_old');
      expect(await trainedBefore(join(folder, 'items.model'))).toEqual(before);
      expect(said).toContain('the item model learned anew is less accurate: the old one stays');
    });

    it('makes no model where nobody trained one, and survives a training that fails', async () => {
      await correct(filed());
      expect(await tend().tick()).toBe('idle');
      first();
      // Without the filed messages that the model was made of it would forget them.
      expect(await tend().tick()).toBe('idle');
      base();
      expect(await tend(async () => Promise.reject(new Error('out of memory'))).tick()).toBe('failed');
      expect(said).toContain('the item model could not be learned anew');
    });
  });

  it('two nodes follow a publication by news', async () => {
    const intake = await openIntake();
    const house = createFakeMedium();
    const nodes = await Promise.all([1, 2].map(() => openCatalogues({ store: intake.store, files: demo, log, every: () => () => {} })));
    const [here, there] = nodes;
    here?.start(house.node('here'));
    there?.start(house.node('there'));
    await intake.store.write(async (repos) => {
      const { version } = await repos.catalogues.add({ kind: 'items', body: itemsBody(NOISE), note: '', author: 'a', createdAt: 0 });
      await repos.catalogues.publish('items', version, 'b', 0);
    });
    here?.announce();
    await until(async () => there?.versions().items === 1, 'the other node');
    await Promise.all(nodes.map((node) => node.stop()));
    expect(nodes.map(({ city: one }) => one.items.map(({ code }) => code))).toEqual([['env.noise'], ['env.noise']]);
    await intake.close();
  });
});
