import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { AppError } from '../../domain/errors.ts';
import type { Report } from '../document.ts';
import { type ReportFormat, writeFileHere } from './file.ts';

/** A PDF takes a second of thinking: in a gateway that is done in a thread of its own. To be imported when it is needed: the thread loads this file and what it needs, not the gateway. */

const TASK = 'yihu.reports.file';
interface Start {
  readonly task: typeof TASK;
  readonly report: Report;
  readonly format: ReportFormat;
}

/** @throws AppError `report.thread_ended` */
export async function writeReportFile(report: Report, format: ReportFormat): Promise<Buffer> {
  // Threads cannot load a checkout's sources.
  if (import.meta.url.endsWith('.ts') || format === 'json' || format === 'html') return writeFileHere(report, format);
  const start: Start = { task: TASK, report, format };
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: start });
    worker.once('message', (bytes: Uint8Array) => resolve(Buffer.from(bytes)));
    worker.once('error', reject);
    worker.once('exit', () => reject(new AppError('report.thread_ended', 'the thread that writes the file ended', { retry: 'later', status: 500 })));
  });
}

function isStart(value: unknown): value is Start {
  return typeof value === 'object' && value !== null && 'task' in value && value.task === TASK;
}

if (!isMainThread && isStart(workerData)) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(await writeFileHere(workerData.report, workerData.format));
}
