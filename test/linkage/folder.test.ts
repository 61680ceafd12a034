import { readdirSync, readFileSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../src/domain/clock.ts';
import { createDrop } from '../../src/linkage/drop.ts';
import { pickUp } from '../../src/linkage/pick.ts';
import { makeReconciliation } from '../../src/linkage/reconcile.ts';
import { reconcileDue } from '../../src/wiring/linkage.ts';
import { aRecord } from './support.ts';
import { linkageWorld } from './world.ts';

const world = linkageWorld();
const { take } = world;

describe('a shared folder', () => {
  const put = (name: string, text: string | Buffer, ageMs = 5 * MINUTE): void => {
    const path = join(world.folder, 'linkage/renminwang/in');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), text);
    utimesSync(join(path, name), new Date(world.intake.clock.now() - ageMs), new Date(world.intake.clock.now() - ageMs));
  };
  const look = async () => {
    const endpoint = world.linkage.house.endpoint('renminwang');
    if (endpoint === null) throw new Error('no profile');
    return pickUp(world.linkage, createDrop(), endpoint);
  };
  const inside = (name: string) => readdirSync(join(world.folder, 'linkage/renminwang', name));

  it('is read in order, answered and put away; the same file again has no effect and the same answer', async () => {
    put('a.json', JSON.stringify([aRecord(), aRecord({ version: 2, kind: 'urge' })]));
    expect(await look()).toEqual({ taken: 1, bad: 0, failed: [] });
    const ack = readFileSync(join(world.folder, 'linkage/renminwang/ack/a.json.ack.json'), 'utf8');
    expect(JSON.parse(ack)).toMatchObject({ file: 'a.json', records: [{ code: '0', number: 'RM-1', version: 1, state: 'applied' }, { state: 'applied' }] });
    expect([inside('in'), inside('done')]).toEqual([[], ['a.json']]);
    put('a.json', JSON.stringify([aRecord(), aRecord({ version: 2, kind: 'urge' })]));
    await look();
    expect(JSON.parse(readFileSync(join(world.folder, 'linkage/renminwang/ack/a.json.ack.json'), 'utf8'))).toMatchObject({ records: [{ code: '0', state: 'repeated' }, { state: 'repeated' }] });
    expect((await world.intake.rows())['tickets']).toBe(1);
  });

  it('is never half read: what is being written waits, what is no record is put aside with a word why', async () => {
    put('.a.json.part', '{');
    put('b.json.tmp', '{');
    put('c.json', '{"half":', 20_000);
    put('d.json', JSON.stringify(aRecord()), 1_000);
    put('e.json', Buffer.from([0xff, 0xfe, 0x00]));
    expect(await look()).toEqual({ taken: 0, bad: 1, failed: [] });
    expect([inside('in').length, inside('bad')]).toEqual([4, ['e.json']]);
    world.intake.clock.advance(2 * MINUTE);
    expect(await look()).toEqual({ taken: 1, bad: 1, failed: [] });
    expect(inside('bad')).toEqual(['c.json', 'e.json']);
    expect(JSON.parse(readFileSync(join(world.folder, 'linkage/renminwang/ack/c.json.ack.json'), 'utf8'))).toMatchObject({ code: '1', reason: 'linkage.unreadable' });
  });

  it('brings their acknowledgements and their list; the day is reconciled with it, once at its time', async () => {
    const done = await take();
    await take({ version: 3, kind: 'urge' });
    await world.intake.settle();
    put(`${done.ticketNo}-000001.ack.json`, JSON.stringify({ number: done.ticketNo, version: 1, code: '0' }));
    const day = new Date(world.intake.clock.now() + 8 * HOUR).toISOString().slice(0, 10);
    put(`list-${day}.csv`, `direction,number,version\nsent,RM-1,1\nsent,RM-2,1\nreceived,${done.ticketNo},1\n`);
    expect(await look()).toEqual({ taken: 2, bad: 0, failed: [] });
    const report = await makeReconciliation(world.linkage, 'renminwang', day);
    expect(report.counts).toMatchObject({ received: 2, applied: 1, held: 1, outOfOrder: 1, missing: 1, acknowledged: 1 });
    expect(report.list).toMatchObject({ lines: 3, agreed: 2, notHere: [{ number: 'RM-2', version: 1 }], notTheirs: [{ number: 'RM-1', version: 3 }] });
    expect(report.agrees).toBe(false);
    world.intake.clock.advance(26 * HOUR);
    const made = await reconcileDue(world.linkage);
    expect(made.map((one) => one.split(' ')[0]).toSorted()).toEqual(['police-110', 'renminwang', 'yangguang']);
    expect(await reconcileDue(world.linkage)).toEqual([]);
  });
});
