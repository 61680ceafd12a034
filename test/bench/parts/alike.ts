import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { clusterTickets } from '../../../src/matcher/alike/cluster.ts';
import { ownCpuMs } from '../processor.ts';
import { runAlike } from './alike-bench.ts';
import { bCubed } from './alike-b-cubed.ts';

/**
 * Hot matters against two teams' judgement, with the one fixed setting of cluster.ts:
 *   npx tsx test/bench/parts/alike.ts --messages civic-hotspot.jsonl --silver civic-hotspot.silver.json
 * Messages a line {id, subject, text, at}; silver {consensus: [{core: [id], union: [id]}]}. B-cubed over the messages that both teams put
 * in one event; what only one team has is left out, and a cluster is charged for everything else that it takes in.
 *   npx tsx test/bench/parts/alike.ts --index 1000000
 * measures the index at any size, as `npm run bench -- alike` does at two. Files are only read.
 */

const GATE = 0.95;
const Message = Type.Object({ id: Type.String(), subject: Type.String(), text: Type.String(), at: Type.String() });
const Silver = Type.Object({ consensus: Type.Array(Type.Object({ core: Type.Array(Type.String()), union: Type.Array(Type.String()) })) });

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { messages: { type: 'string' }, silver: { type: 'string' }, index: { type: 'string' } } });
  if (values.index !== undefined) {
    console.log(await runAlike(Number(values.index), 3));
    return 0;
  }
  if (values.messages === undefined || values.silver === undefined) {
    console.error('give --messages and --silver, or --index');
    return 2;
  }
  const messages = readFileSync(values.messages, 'utf8').split('\n').filter((line) => line !== '').map((line) => Value.Parse(Message, JSON.parse(line)));
  const { consensus } = Value.Parse(Silver, JSON.parse(readFileSync(values.silver, 'utf8')));
  const from = ownCpuMs();
  const clusters = clusterTickets(messages.map(({ id, subject, text, at }) => ({ id, title: subject, content: text, at: Date.parse(`${at}+08:00`) })));
  const seconds = (ownCpuMs() - from) / 1000;
  const clusterOf = new Map(clusters.flatMap(({ centralId, ids }) => ids.map((id): [string, string] => [id, centralId])));
  const core = new Set(consensus.flatMap((event) => event.core));
  const contested = new Set(consensus.flatMap((event) => event.union).filter((id) => !core.has(id)));
  const { precision, recall, f1 } = bCubed(consensus.map((event) => event.core), contested, clusterOf);
  console.log(`${messages.length} messages, ${clusters.length} clusters, largest ${clusters.slice(0, 5).map(({ ids }) => ids.length).join(', ')}; ${seconds.toFixed(1)} s of processor time`);
  console.log(`B-cubed precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}, F1 ${f1.toFixed(4)}: gate ${GATE} ${f1 >= GATE ? 'met' : 'MISSED'}`);
  return f1 >= GATE ? 0 : 1;
}

process.exitCode = await main();
