import { pathToFileURL } from 'node:url';
import { Presets, SingleBar } from 'cli-progress';
import { HELP, readArguments } from './arguments.ts';
import { torture } from './machine.ts';
import type { TortureOptions, Verdict } from './types.ts';

/** `npm run torture`: the crash machine. */

/** @returns the exit code: 0 kept, 1 broken, 2 wrong arguments */
export async function runTorture(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv);
  if (typeof given === 'string') {
    process.stderr.write(`${given}\n\n${HELP}`);
    return 2;
  }
  if (given.help) {
    process.stdout.write(HELP);
    return 0;
  }
  // What was mounted and started goes away with us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const bar = openBar(given.options);
  try {
    const verdict = await torture({ ...given.options, onProgress: bar.update });
    bar.stop();
    process.stdout.write(given.json ? `${JSON.stringify(verdict, null, 2)}\n` : describe(verdict));
    return verdict.verdict === 'ok' ? 0 : 1;
  } catch (error) {
    bar.stop();
    process.stderr.write(`the run could not be made (seed ${given.options.seed}): ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function describe(verdict: Verdict): string {
  const amounts = new Map<string, number>();
  for (const { kind } of verdict.disturbances) amounts.set(kind, (amounts.get(kind) ?? 0) + 1);
  const lines = [
    `${verdict.verdict === 'ok' ? 'every promise was kept' : 'A PROMISE WAS BROKEN'}: ${verdict.combination}, ${verdict.nodes} node${verdict.nodes === 1 ? '' : 's'}${verdict.processes === 1 ? '' : ` of ${verdict.processes} processes`}, seed ${verdict.seed}, ${verdict.seconds} s`,
    `  disturbed  ${[...amounts].map(([kind, amount]) => `${amount} ${kind}`).join(', ')}`,
    ...verdict.skipped.map((reason) => `  skipped    ${reason}`),
    `  talks      ${verdict.conversations}; accepted ${verdict.accepted}, resent ${verdict.resent}, refused as duplicates ${verdict.duplicatesRefused}`,
    `  effects    ${verdict.answers} answers, ${verdict.tickets} tickets, ${verdict.looksAtIdentity} looks at identities`,
    `  exceptions ${verdict.repeatedSends} WeChat sends came again, ${verdict.unheard} answers not waited for on the phone, ${verdict.callbacks} callbacks owed after outages, ${verdict.reconnects} sockets reconnected`,
    ...verdict.faults.map(({ law, channel, address, detail }) => `  BROKEN     ${law}${channel === undefined ? '' : ` (${channel} ${address ?? ''})`}: ${detail}`),
    `  again      ${verdict.again}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** On standard error, and only when a person watches. */
function openBar(options: TortureOptions): { readonly update: NonNullable<TortureOptions['onProgress']>; readonly stop: () => void } {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{bar} {value}/{total} kills | {eta_formatted} left | {doing}', clearOnComplete: true, hideCursor: true, stream: process.stderr }, Presets.shades_classic);
  bar.start(options.kills, 0, { doing: 'starting' });
  return { update: ({ killed, doing }) => bar.update(killed, { doing }), stop: () => bar.stop() };
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) {
  const code = await runTorture(process.argv.slice(2));
  // After long runs Node 20 can spin for ever while it takes its own handles down; everything is closed and said by now.
  process.stdout.write('', () => process.exit(code));
}
