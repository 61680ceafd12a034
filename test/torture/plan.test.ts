import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.ts';
import { killsOf, makePlan, type PlanOptions } from './plan.ts';
import { createChance } from './random.ts';
import { makeTalk, shapesOf } from './words.ts';

const OPTIONS: PlanOptions = { kills: 40, nodes: 3, bus: 'bullmq', db: 'postgres', spice: 1 };

describe('a seed', () => {
  it('gives the same plan and the same words again, and another seed others', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(makePlan(createChance(seed), OPTIONS)).toEqual(makePlan(createChance(seed), OPTIONS));
        expect(makeTalk('chat:1:0:1', createChance(seed, 'somebody'))).toEqual(makeTalk('chat:1:0:1', createChance(seed, 'somebody')));
        expect(makePlan(createChance(seed), OPTIONS)).not.toEqual(makePlan(createChance(seed + 1), OPTIONS));
      }),
      { numRuns: 20 },
    );
  });

  it('gives every part of a run chances of its own', () => {
    const one = createChance(7);
    const other = createChance(7);
    other.fork('somebody else').next();
    other.next();
    expect(one.fork('me').next()).toBe(other.fork('me').next());
    expect(one.fork('me').next()).not.toBe(one.fork('you').next());
  });
});

describe('a plan', () => {
  it('kills as many processes as asked', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3 }), (seed, kills, nodes) => {
        expect(killsOf(makePlan(createChance(seed), { ...OPTIONS, kills, nodes }), nodes)).toBe(kills);
        expect(killsOf(makePlan(createChance(seed), { ...OPTIONS, kills, nodes, processes: 2 }), nodes)).toBe(kills);
      }),
    );
  });

  it('has every kind of disturbance that the combination knows, and no other', () => {
    const kinds = (options: Partial<PlanOptions>) => [...new Set(makePlan(createChance(3), { ...OPTIONS, ...options }).map(({ disturbance }) => disturbance.kind))].toSorted();
    const always = ['clock', 'cut-peers', 'fill-disk', 'kill', 'lose-answers', 'pause', 'rolling-restart', 'wechat-trouble'];
    expect(kinds({ bus: 'embedded', db: 'sqlite' })).toEqual(always);
    expect(kinds({ bus: 'embedded' })).toEqual([...always, 'cut-database', 'pause-database', 'restart-database'].toSorted());
    expect(kinds({ db: 'sqlite' })).toEqual([...always, 'cut-redis', 'empty-redis', 'restart-redis'].toSorted());
    expect(kinds({ spice: 0 })).toEqual(['kill']);
  });

  it('lets leases run out by waiting, too, when it is long', () => {
    const pauses = makePlan(createChance(3), { ...OPTIONS, kills: 200 }).flatMap(({ disturbance }) => (disturbance.kind === 'pause' ? [disturbance] : []));
    expect(pauses.some(({ real, ms }) => real && ms > 6_000)).toBe(true);
    expect(pauses.some(({ real }) => !real)).toBe(true);
  });
});

describe('words', () => {
  it('name both complaints by their own number', () => {
    for (const shape of [...shapesOf(createChance(1), 'chat', 3), ...shapesOf(createChance(1), 'call', 3)]) {
      const { lines, marks } = makeTalk(shape, createChance(2, shape));
      for (const mark of marks) expect(lines.filter((line) => line.includes(`${mark}号`))).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith('对'))).toHaveLength(2);
      expect(lines.includes('13800138000')).toBe(shape.startsWith('chat'));
    }
  });
});

describe('arguments', () => {
  it('are read', () => {
    expect(readArguments(['--seed', '5', '--kills', '200', '--bus', 'bullmq', '--db', 'postgres', '--nodes', '3', '--processes', '2', '--json'])).toEqual({
      help: false, json: true, options: { seed: 5, kills: 200, bus: 'bullmq', db: 'postgres', nodes: 3, processes: 2, citizens: 3, spice: 0.7, built: 'when-fresh' },
    });
    expect(readArguments([])).toMatchObject({ options: { kills: 20, bus: 'embedded', db: 'sqlite', nodes: 1 } });
  });

  it('are refused with a reason', () => {
    for (const wrong of [['--kills', '0'], ['--kills', 'x'], ['--seed', '-1'], ['--bus', 'rabbit'], ['--db', 'mysql'], ['--nodes', '4'], ['--processes', '5'], ['--citizens', '0'], ['--spice', '9'], ['--what'], ['file']]) {
      expect(readArguments(wrong), wrong.join(' ')).toEqual(expect.any(String));
    }
  });
});
