import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { SiblingLine } from '../bus/siblings/line.ts';
import type { Secrets } from '../config/secrets.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { codeOf } from '../domain/errors.ts';
import type { Log } from '../intake/context.ts';
import { welcome } from './operator.ts';
import { ownPlace, superviseProcesses, supervises } from './processes.ts';

/** What `runHouse` needs of a house. */
interface Runnable {
  readonly app: Pick<FastifyInstance, 'listen'>;
  readonly context: { readonly log: Log };
  readonly settings: Settings;
  readonly secrets: Secrets;
  close(): Promise<void>;
}

/** What `npm start` does: opens a house that listens until a signal ends it, or watches over several of them (PROCESSES). */
export async function runHouse(open: (siblings: SiblingLine | null) => Promise<Runnable>): Promise<void> {
  const settings = readSettings(process.env);
  if (supervises(settings)) process.exit(await superviseProcesses(settings, pino({ level: settings.LOG_LEVEL })));

  const place = ownPlace(settings);
  // A terminal sends Ctrl+C to all of them: the primary tells each of its processes to end, once.
  if (place !== null) process.on('SIGINT', () => undefined);
  const house = await open(place?.line ?? null);
  const { log } = house.context;
  let stopping = false;
  const stop = (signal: string): void => {
    // systemd tells all of them too, besides the primary.
    if (stopping) return;
    stopping = true;
    log.info({ signal }, settings.ROLES === 'web' ? 'stopping: answering the last requests' : 'stopping: draining lanes');
    house.close().then(
      () => {
        log.info({}, 'stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ code: codeOf(error) }, 'did not stop in order');
        process.exit(1);
      },
    );
  };
  if (place === null) {
    process.once('SIGTERM', () => stop('SIGTERM'));
    process.once('SIGINT', () => stop('SIGINT'));
  } else {
    process.on('SIGTERM', () => stop('SIGTERM'));
  }
  const address = await house.app.listen({ host: settings.HOST, port: settings.PORT });
  if (place?.greets === false) return;
  console.log(`\n${welcome(address, settings.ROLES)}`);
  if (house.secrets.adminPasswordIsNew) console.log(`    sign in   admin / ${house.secrets.adminPassword}   (shown once; kept in ${join(settings.DATA_DIR, 'secrets.json')})`);
  console.log('');
}
