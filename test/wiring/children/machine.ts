import { createServer } from 'node:http';
import { ownPlace, superviseProcesses } from '../../../src/wiring/processes.ts';

/** The primary as it is, over processes that only listen and are busy: run by `processes-killed.test.ts`. */

const SETTINGS = { PROCESSES: 2 };
const place = ownPlace(SETTINGS);
if (place === null) {
  const note = (facts: object, text: string): void => console.log(text, JSON.stringify(facts));
  process.exit(await superviseProcesses(SETTINGS, { info: note, warn: note, error: note }));
}
process.on('SIGTERM', () => process.exit(0));
createServer((_, response) => response.end(String(process.pid))).listen(0, '127.0.0.1', () => console.log(`process ${process.pid} ${place.greets ? 'greets' : 'listens'}`));
// Then it is as one that turns without pause: its loop comes round, but seldom.
process.on('SIGUSR2', () => {
  setInterval(() => {
    for (const until = performance.now() + 40; performance.now() < until; );
  }, 1);
});
