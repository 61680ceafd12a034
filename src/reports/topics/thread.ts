import { fileURLToPath } from 'node:url';
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { AppError } from '../../domain/errors.ts';
import { createAnalyzer } from '../../matcher/segment.ts';
import { createTopicFinder, type TopicFinder } from './finder.ts';
import type { TopicOptions, TopicsFound, TopicTicket } from './types.ts';
import { topicsHere, type TopicsWork } from './work.ts';

/**
 * Half a minute's thinking over a month's words must not hold up citizens' turns: it is done in a thread of its own. In a checkout that runs
 * from its sources, which threads cannot load, it is done right here, a little at a time.
 */

const TASK = 'yihu.reports.topics';

interface Start {
  readonly task: typeof TASK;
  readonly options: TopicOptions;
  readonly words: readonly string[];
}

type Request = { readonly does: 'see' | 'sort'; readonly tickets: readonly TopicTicket[] } | { readonly does: 'gather' | 'finish' };
type Answer = { readonly did: 'progress'; readonly share: number } | { readonly did: 'done'; readonly found: TopicsFound | null };

/** @param words what the segmenter must keep whole */
export function openTopics(options: TopicOptions, words: readonly string[]): TopicsWork {
  if (import.meta.url.endsWith('.ts')) {
    const analyzer = createAnalyzer({ words });
    return topicsHere(options, (text) => analyzer.read(text).terms);
  }
  return topicsInThread(options, words);
}

function topicsInThread(options: TopicOptions, words: readonly string[]): TopicsWork {
  const start: Start = { task: TASK, options, words };
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: start });
  // A process that is told to end does not wait for it.
  worker.unref();
  let failed: Error | null = null;
  let waiting: { readonly resolve: (found: TopicsFound | null) => void; readonly reject: (error: Error) => void; readonly progress: (share: number) => void } | null = null;
  const fail = (error: Error): void => {
    failed ??= error;
    waiting?.reject(failed);
    waiting = null;
  };
  worker.on('message', (answer: Answer) => {
    if (answer.did === 'progress') waiting?.progress(answer.share);
    else {
      waiting?.resolve(answer.found);
      waiting = null;
    }
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new AppError('report.thread_ended', 'the thread that seeks topics ended', { retry: 'later', status: 500 })));
  const ask = (request: Request, progress: (share: number) => void = () => {}): Promise<TopicsFound | null> =>
    new Promise((resolve, reject) => {
      if (failed !== null) {
        reject(failed);
        return;
      }
      waiting = { resolve, reject, progress };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(request);
    });
  return {
    see: async (tickets) => void (await ask({ does: 'see', tickets })),
    gather: async (progress) => void (await ask({ does: 'gather' }, progress)),
    sort: async (tickets) => void (await ask({ does: 'sort', tickets })),
    finish: async () => {
      const found = await ask({ does: 'finish' });
      if (found === null) throw new AppError('report.thread_ended', 'the thread found nothing to tell', { status: 500 });
      return found;
    },
    close: () => void worker.terminate(),
  };
}

function isStart(value: unknown): value is Start {
  return typeof value === 'object' && value !== null && 'task' in value && value.task === TASK;
}

/** Half way after so many steps, as work.ts has it. */
const HALF_WAY = 120;

function serve(port: MessagePort, finder: TopicFinder): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  const say = (answer: Answer): void => port.postMessage(answer);
  port.on('message', (request: Request) => {
    if (request.does === 'see') finder.see(request.tickets);
    if (request.does === 'sort') finder.sort(request.tickets);
    if (request.does === 'gather') {
      const work = finder.gather();
      for (let steps = 1; work.next().done !== true; steps += 1) {
        if (steps % 8 === 0) say({ did: 'progress', share: steps / (steps + HALF_WAY) });
      }
    }
    say({ did: 'done', found: request.does === 'finish' ? finder.finish() : null });
  });
}

if (!isMainThread && parentPort !== null && isStart(workerData)) {
  const analyzer = createAnalyzer({ words: workerData.words });
  serve(parentPort, createTopicFinder(workerData.options, (text) => analyzer.read(text).terms));
}
