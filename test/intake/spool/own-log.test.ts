import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOwnLog, realDisk } from '../../../src/intake/spool/own-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-own-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the log that a process writes', () => {
  it('lets go of what is done amid a storm of writers', async () => {
    let stormy = false;
    let more = 0;
    const appends: Promise<void>[] = [];
    const append = (text: string): void => void appends.push(log.append(Buffer.from(text)));
    const log = await openOwnLog({
      folder: join(folder, 'own'), damagedFolder: join(folder, 'damaged'), segmentBytes: 65_536, reserveSegments: 1,
      disk: {
        write: realDisk.write,
        // While one batch is synced the next one is there already.
        sync: async (handle) => {
          if (stormy && more < 500) append(`more ${(more += 1)}`);
          await realDisk.sync(handle);
        },
      },
    });
    append('first');
    await Promise.all(appends);
    const chunk = await log.chunk();
    expect(chunk?.payloads.map(String)).toEqual(['first']);
    stormy = true;
    append('storm');
    await chunk?.done();
    expect(more).toBeLessThan(20);
    stormy = false;
    await Promise.all(appends);
    const next = await log.chunk();
    expect(next?.payloads.map(String)).toEqual(['storm', ...Array.from({ length: more }, (_, index) => `more ${index + 1}`)]);
    await next?.done();
    await log.close(true);
  });

  it('many at once share a sync, and each is told of a disk that fails', async () => {
    let broken = false;
    const log = await openOwnLog({
      folder: join(folder, 'own'), damagedFolder: join(folder, 'damaged'), segmentBytes: 65_536, reserveSegments: 1,
      disk: {
        write: realDisk.write,
        sync: async (handle) => {
          if (broken) throw Object.assign(new Error('no'), { code: 'EIO' });
          await realDisk.sync(handle);
        },
      },
    });
    await Promise.all(Array.from({ length: 50 }, (_, index) => log.append(Buffer.from(`${index}`))));
    expect(log.syncs()).toBeLessThan(50);
    broken = true;
    const refused = await Promise.allSettled([log.append(Buffer.from('a')), log.append(Buffer.from('b'))]);
    expect(refused.map((result) => (result.status === 'rejected' ? (result.reason as { code?: string }).code : 'kept'))).toEqual(['spool.failed', 'spool.failed']);
    broken = false;
    await log.append(Buffer.from('c'));
    await log.close(false);
  });
});
