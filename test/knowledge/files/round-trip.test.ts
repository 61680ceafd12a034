import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { KnowledgeEntrySchema, type KnowledgeEntry } from '../../../src/domain/knowledge.ts';
import { existingOf } from '../../../src/knowledge/files/plan.ts';
import { fingerprint } from '../../../src/knowledge/files/tidy.ts';
import { anyEntry, city, plan, written } from './support.ts';

const FORMATS = ['xlsx', 'csv', 'jsonl'] as const;

describe('knowledge that goes out comes in again', () => {
  it.each(FORMATS)('every entry of config/knowledge by %s', async (format) => {
    const rows = await plan(`all.${format}`, await written(format, city.knowledge), existingOf(city.knowledge));
    expect(rows.filter(({ report }) => report.status !== 'same').map(({ report }) => report)).toEqual([]);
    expect(rows).toHaveLength(city.knowledge.length);
    // `same` is what a fingerprint says; here is the entry itself.
    expect(rows.map(({ entry }) => entry && fingerprint(entry))).toEqual(city.knowledge.map(fingerprint));
  });

  it.each(FORMATS)('any entry by %s: all fields, line breaks, emoji, quotes, what looks like a formula', async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyEntry, { minLength: 1, maxLength: 4, selector: (entry) => JSON.stringify(Object.entries(entry)[0]) }), async (made) => {
        const entries = made.map((entry): KnowledgeEntry => Value.Parse(KnowledgeEntrySchema, entry));
        const rows = await plan(`some.${format}`, await written(format, entries), existingOf(entries));
        expect(rows.map(({ report }) => report)).toEqual(entries.map(({ id }, index) => ({ row: index + 1, line: expect.any(Number), id, status: 'same', faults: [] })));
        expect(rows.map(({ entry }) => entry && fingerprint(entry))).toEqual(entries.map(fingerprint));
      }),
      { numRuns: 60 },
    );
  });

  it('an entry that changed by one character is changed, not the same', async () => {
    const [entry] = city.knowledge;
    if (entry === undefined) throw new Error('no entry');
    for (const format of FORMATS) {
      const rows = await plan(`one.${format}`, await written(format, [{ ...entry, answer: `${entry.answer}。` }]), existingOf([entry]));
      expect(rows.map(({ report }) => [report.id, report.status])).toEqual([[entry.id, 'changed']]);
    }
  });
});
