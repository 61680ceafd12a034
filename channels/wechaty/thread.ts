import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Message, Wechaty } from 'wechaty';
import { leftAlone } from './decode.ts';
import { forgetOldest } from './pools.ts';
import type { Carried, FromThread, Heard, ThreadStart, ToThread } from './talk.ts';

/**
 * Wechaty and its puppet, in a thread of their own. Puppets throw where nobody can catch it (timers, streams, promises that are not
 * awaited), print what people write, read the environment and keep growing: here all that ends with the thread, and the
 * house opens another. To be loaded by `session.ts` alone.
 */

/** Files above it are not fetched. */
const FILE_LIMIT_BYTES = 16 * 1024 * 1024;
/** Contacts and rooms that Wechaty keeps in memory before the oldest are forgotten; it never forgets any itself. */
const POOL_LIMIT = 2_000;
const TIDY_MS = 60_000;

/** Its heap, MB. */
const HEAP_MB = 512;

/** Opens the thread. `env` is all that a puppet sees of the environment; what it prints is thrown away. */
export function openThread(start: ThreadStart, env: Readonly<Record<string, string>>): Worker {
  const options = { workerData: start, env: { ...env }, stdout: true, stderr: true, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } };
  const worker = import.meta.url.endsWith('.ts') ? new Worker(fromSources(import.meta.url), { ...options, eval: true }) : new Worker(fileURLToPath(import.meta.url), options);
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

/** A thread of a checkout must be told how to read its sources. */
function fromSources(url: string): string {
  const reader = pathToFileURL(createRequire(url).resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs')).href;
  return `import(${JSON.stringify(reader)}).then(({ register }) => { register(); return import(${JSON.stringify(url)}); })`;
}

type Tell = (event: FromThread) => void;

async function run(start: ThreadStart, tell: Tell, listen: (command: (message: ToThread) => void) => void): Promise<void> {
  // First: what is not there, or breaks as it is made, is known before Wechaty's many files are read.
  const puppet = await loadPuppet(start);
  const { WechatyBuilder, types } = await import('wechaty');
  const bot = WechatyBuilder.build({ puppet });
  let starting = true;
  bot.on('error', (error) => {
    // Wechaty swallows what goes wrong at the start: without a puppet there is nothing to go on with.
    if (starting) throw error;
    tell({ kind: 'error', code: wordOf(error) });
  });
  bot.on('scan', (qrcode, status) => tell({ kind: 'scan', qrcode, status: types.ScanStatus[status] ?? 'Unknown' }));
  bot.on('login', () => {
    tell({ kind: 'login' });
    void keepMemory(bot, tell);
  });
  bot.on('logout', () => tell({ kind: 'logout' }));
  bot.on('heartbeat', () => tell({ kind: 'alive' }));
  bot.on('message', (message) => void tellHeard(bot, message, types.Message, start.since, tell));
  listen((command) => void obey(bot, command, tell));
  await bot.init();
  if (start.memory !== null) for (const [key, value] of readMemory(start.memory)) await memoryOf(bot)?.set(key, value);
  await bot.start();
  starting = false;
  setInterval(() => {
    for (const kind of [bot.Contact, bot.Room]) forgetOldest(Reflect.get(kind, 'pool'), POOL_LIMIT);
    void keepMemory(bot, tell);
  }, TIDY_MS).unref();
}

async function loadPuppet({ puppet: name, token, endpoint }: ThreadStart): Promise<Puppet> {
  let found: unknown = await import(name);
  // A CommonJS package's default is wrapped once for each of its transpilers.
  for (let depth = 0; depth < 4 && !isPuppetClass(found); depth += 1) found = typeof found === 'object' && found !== null && 'default' in found ? found.default : null;
  if (!isPuppetClass(found)) throw new TypeError('the package exports no puppet');
  return new found({ ...(token === null ? {} : { token }), ...(endpoint === null ? {} : { endpoint }) });
}

type Puppet = NonNullable<NonNullable<Parameters<typeof import('wechaty').WechatyBuilder.build>[0]>['puppet']> & object;
type PuppetClass = new (options: { readonly token?: string; readonly endpoint?: string }) => Puppet;

function isPuppetClass(value: unknown): value is PuppetClass {
  return typeof value === 'function';
}

/** Never rejects. */
async function tellHeard(bot: Wechaty, message: Message, names: Readonly<Record<number, string>>, since: number, tell: Tell): Promise<void> {
  try {
    const event = await hear(bot, message, names, since);
    if (event !== null) tell(event);
  } catch (error) {
    tell({ kind: 'error', code: wordOf(error) });
  }
}

/** Null: left alone. */
async function hear(bot: Wechaty, message: Message, names: Readonly<Record<number, string>>, since: number): Promise<FromThread | null> {
  const room = message.room();
  const self = message.self();
  const mentioned = room !== undefined && !self && (await message.mentionSelf());
  const talker = message.talker();
  const heard: Heard = {
    id: message.id,
    type: names[message.type()] ?? 'Unknown',
    self,
    talkerId: talker.id,
    talkerName: talker.name(),
    roomId: room?.id ?? null,
    mentioned,
    text: mentioned ? await message.mentionText() : message.text(),
    at: message.date().getTime(),
  };
  return leftAlone(heard, since) === null ? { kind: 'message', heard, carried: await carriedBy(bot, message, heard.type) } : null;
}

/** What a puppet cannot give is missing; the message is told all the same. */
async function carriedBy(bot: Wechaty, message: Message, type: string): Promise<Carried> {
  try {
    switch (type) {
      case 'Image':
      case 'Attachment':
      case 'Audio':
      case 'Video': {
        const file = await message.toFileBox();
        const bytes = await readLimited(await file.toStream());
        return bytes === null ? {} : { file: { name: file.name, bytes } };
      }
      case 'Url': {
        const link = await message.toUrlLink();
        return { link: { title: link.title(), url: link.url() } };
      }
      case 'MiniProgram':
        return { card: (await message.toMiniProgram()).title() ?? '' };
      case 'Location': {
        // Wechaty 1.20 makes its own Location by a class that refuses to be used so.
        const { name, address, latitude, longitude } = await bot.puppet.messageLocation(message.id);
        return { place: { name, address, latitude, longitude } };
      }
      default:
        return {};
    }
  } catch {
    return {};
  }
}

async function readLimited(stream: AsyncIterable<unknown>): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) return null;
    size += chunk.byteLength;
    if (size > FILE_LIMIT_BYTES) return null;
    chunks.push(Buffer.from(chunk));
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function obey(bot: Wechaty, command: ToThread, tell: Tell): Promise<void> {
  if (command.kind === 'stop') {
    await bot.stop().catch(() => undefined);
    process.exit(0);
  }
  const { number, to, room, text } = command;
  const say = async (): Promise<'ok' | 'offline' | 'nobody' | 'failed'> => {
    if (!bot.isLoggedIn) return 'offline';
    const contact = await bot.Contact.find({ id: to });
    if (contact === undefined) return 'nobody';
    if (room === null) {
      await contact.say(text);
      return 'ok';
    }
    const place = await bot.Room.find({ id: room });
    if (place === undefined) return 'nobody';
    await place.say(text, contact);
    return 'ok';
  };
  const result = await say().catch((error: unknown) => {
    tell({ kind: 'error', code: wordOf(error) });
    return 'failed' as const;
  });
  tell({ kind: 'said', number, result });
}

let kept = '';
async function keepMemory(bot: Wechaty, tell: Tell): Promise<void> {
  try {
    const entries: [string, unknown][] = [];
    for await (const entry of memoryOf(bot) ?? []) entries.push(entry);
    const json = JSON.stringify(entries);
    if (json === kept || entries.length === 0) return;
    kept = json;
    tell({ kind: 'memory', json });
  } catch (error) {
    tell({ kind: 'error', code: wordOf(error) });
  }
}

/** Where puppets keep their session; Wechaty's types hide it from those who hold a bot. */
interface Memory extends AsyncIterable<[string, unknown]> {
  set(key: string, value: unknown): Promise<unknown>;
}

function memoryOf(bot: Wechaty): Memory | null {
  const memory: unknown = Reflect.get(bot, 'memory');
  return isMemory(memory) ? memory : null;
}

function isMemory(value: unknown): value is Memory {
  return typeof value === 'object' && value !== null && 'set' in value && typeof value.set === 'function' && Symbol.asyncIterator in value;
}

function readMemory(json: string): [string, unknown][] {
  const entries: unknown = JSON.parse(json);
  return Array.isArray(entries) ? entries.filter((entry): entry is [string, unknown] => Array.isArray(entry) && typeof entry[0] === 'string') : [];
}

function wordOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const word = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? String(error.code) : error.name;
  return /^[\w.-]{1,40}$/.test(word) ? word : 'Error';
}

function isStart(value: unknown): value is ThreadStart {
  return typeof value === 'object' && value !== null && 'task' in value && value.task === 'yihu.wechaty';
}

if (!isMainThread && parentPort !== null && isStart(workerData)) {
  const port = parentPort;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  await run(workerData, (event) => port.postMessage(event), (command) => void port.on('message', command));
}
