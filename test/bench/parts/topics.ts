import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { createAnalyzer } from '../../../src/matcher/segment.ts';
import { createTopicFinder } from '../../../src/reports/topics/finder.ts';
import type { TopicTicket } from '../../../src/reports/topics/types.ts';
import { ownCpuMs } from '../processor.ts';
import { makeTickets, TICKET_COLUMNS } from './tickets-fill.ts';

/**
 * The reports' hot topics, through the very steps that a report takes (pages, sample, gathering, sorting in):
 *   npx tsx test/bench/parts/topics.ts --messages civic-hotspot.jsonl --out predictions.jsonl [--sample 1500]
 * writes {id, cluster} a line for score.py; a sample smaller than the messages shows what sampling costs.
 *   npx tsx test/bench/parts/topics.ts --rows 80000
 * takes a month of made-up tickets: processor time and memory.
 */

const Message = Type.Object({ id: Type.String(), subject: Type.String(), text: Type.String(), at: Type.String() });
const PAGE = 500;
const DAY = 86_400_000;

function main(): number {
  const { values } = parseArgs({ options: { messages: { type: 'string' }, out: { type: 'string' }, sample: { type: 'string' }, rows: { type: 'string' } } });
  const tickets = values.messages === undefined ? made(Number(values.rows ?? '80000')) : readFileSync(values.messages, 'utf8').split('\n').filter((line) => line !== '').map((line) => fromMessage(Value.Parse(Message, JSON.parse(line))));
  const times = tickets.map(({ at }) => at);
  const [from, to] = times.reduce(([least, most], at) => [Math.min(least, at), Math.max(most, at)], [Infinity, -Infinity]);
  const analyzer = createAnalyzer();
  const began = ownCpuMs();
  const finder = createTopicFinder({ from, to: to + 1, parts: 30, ...(values.sample === undefined ? {} : { sample: Number(values.sample) }) }, (text) => analyzer.read(text).terms);
  for (const page of pages(tickets)) finder.see(page);
  for (const work = finder.gather(); work.next().done !== true; );
  const gathered = ownCpuMs();
  const matterOf = pages(tickets).flatMap((page) => finder.sort(page).map((matter, at) => ({ id: page[at]?.id ?? '', matter })));
  const sorted = ownCpuMs();
  const { topics, ...facts } = finder.finish();
  const ended = ownCpuMs();
  console.log(JSON.stringify({ ...facts, secondsGathering: (gathered - began) / 1000, secondsSorting: (sorted - gathered) / 1000, secondsTelling: (ended - sorted) / 1000, rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20) }));
  for (const { count, place, words } of topics) console.log(`${count}  ${[place ?? '', ...words].join(' ')}`);
  if (values.out !== undefined) writeFileSync(values.out, matterOf.map(({ id, matter }, at) => `${JSON.stringify({ id, cluster: matter === null ? `alone-${at}` : `matter-${matter}` })}\n`).join(''));
  return 0;
}

function fromMessage({ id, subject, text, at }: { readonly id: string; readonly subject: string; readonly text: string; readonly at: string }): TopicTicket {
  return { id, number: '', title: subject, content: text, townId: null, place: null, itemCode: null, departmentId: null, at: Date.parse(`${at}+08:00`), confidential: false };
}

function made(rows: number): readonly TopicTicket[] {
  const place = (name: (typeof TICKET_COLUMNS)[number]): number => TICKET_COLUMNS.indexOf(name);
  const until = Date.UTC(2026, 10, 1);
  return [...makeTickets({ rows, until })].map(({ id, cells, departmentId }, at) => {
    const text = (name: (typeof TICKET_COLUMNS)[number]): string => String(cells[place(name)] ?? '');
    return { id, number: text('number'), title: text('title'), content: text('content'), townId: text('town_id'), place: text('place'), itemCode: text('item_code'), departmentId, at: until - Math.round((30 * DAY * (rows - at)) / rows), confidential: false };
  });
}

function pages(tickets: readonly TopicTicket[]): readonly (readonly TopicTicket[])[] {
  return Array.from({ length: Math.ceil(tickets.length / PAGE) }, (_none, at) => tickets.slice(at * PAGE, (at + 1) * PAGE));
}

process.exitCode = main();
