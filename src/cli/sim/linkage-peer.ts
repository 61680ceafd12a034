import { createServer } from 'node:http';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../../linkage/leaves.ts';
import { isSigned, signedHeaders } from '../../partners/signature.ts';

/** A stand-in of a linked platform (110, a provincial platform): takes records over HTTP or from a folder, answers in its manner, and sends its own. */

/**
 * `accept`: takes it, and tells the result. `late`: acknowledges by a post of its own (a file), afterwards. `twice`: sends everything twice. `shuffle`: sends
 * its records in the wrong order. `refuse`: does not take the matter, with a reason. `away`: answers nothing three times.
 */
export const MANNERS = ['accept', 'late', 'twice', 'shuffle', 'refuse', 'away'] as const;
export type PeerManner = (typeof MANNERS)[number];

export interface PeerOptions {
  readonly profile: string;
  /** Of the gateway, without a slash at the end. */
  readonly gateway: () => string;
  readonly secret: string;
  readonly manner: PeerManner;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

export interface PeerRecord {
  readonly kind: string;
  readonly version: number;
  readonly ticketNo: string;
}

const AWAY_TIMES = 3;

export function createLinkagePeer({ profile, gateway, secret, manner, now, log }: PeerOptions) {
  const seen = new Map<string, PeerRecord>();
  let away = manner === 'away' ? AWAY_TIMES : 0;
  const key = Buffer.from(secret).toString('base64');
  const incidents = new Map<string, string>();
  const incidentOf = (ticketNo: string): string => {
    const known = incidents.get(ticketNo) ?? `SIM-${incidents.size + 1}`;
    incidents.set(ticketNo, known);
    return known;
  };
  const base = (kind: string, version: number, ticketNo: string): object => ({ format: 'yihu-exchange-1', profile, kind, version, sentAt: beijing(now()), identity: { externalNo: incidentOf(ticketNo), ticketNo } });

  /** What it says about a matter that was passed to it, in the order that its manner sends it. */
  const repliesTo = ({ kind, ticketNo }: PeerRecord): readonly object[] => {
    if (kind !== 'dispatch') return [];
    if (manner === 'refuse') return [{ ...base('refusal', 1, ticketNo), link: { refusalReason: '经核实不属本单位职责（模拟）' } }];
    const said = [{ ...base('acceptance', 1, ticketNo), link: { incidentNo: incidentOf(ticketNo) } }, { ...base('progress', 2, ticketNo), handling: { note: '已派员前往（模拟）' } }, { ...base('result', 3, ticketNo), result: { reply: '已到场处置完毕（模拟）' } }];
    if (manner === 'twice') return said.flatMap((one) => [one, one]);
    return manner === 'shuffle' ? said.toReversed() : said;
  };

  /** A record of ours: what to answer, and what follows. `refused` null: no answer at all. */
  const take = (text: string): { readonly status: number; readonly body: object | null; readonly record: PeerRecord | null; readonly repeated: boolean } => {
    if (away > 0) {
      away -= 1;
      log(`不应答（还有 ${away} 次）`);
      return { status: 0, body: null, record: null, repeated: false };
    }
    const record = readPeerRecord(text);
    if (record === null) return { status: 422, body: { code: '1', message: '读不懂（模拟）' }, record: null, repeated: false };
    const name = `${record.ticketNo} ${record.version}`;
    const repeated = seen.has(name);
    seen.set(name, record);
    log(`收到 ${record.kind} 工单 ${record.ticketNo} 第 ${record.version} 号${repeated ? '（重复）' : ''}`);
    return { status: manner === 'late' ? 202 : 200, body: manner === 'late' ? null : { code: '0', message: repeated ? '已收过' : '已收' }, record, repeated };
  };

  const post = async (path: string, body: string): Promise<string> => {
    const response = await fetch(`${gateway()}/hooks/linkage/${profile}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...signedHeaders([key], `sim-${now()}`, Math.floor(now() / 1_000), body) }, signal: AbortSignal.timeout(15_000) });
    return `${response.status} ${await response.text()}`;
  };

  /** Everything that follows a record; one after the other. */
  const follow = async (record: PeerRecord, send: (body: object, name: string) => Promise<void>): Promise<void> => {
    if (manner === 'late') await post('/ack', JSON.stringify({ number: record.ticketNo, version: record.version, code: '0', message: '迟到的回执（模拟）' })).then((answer) => log(`迟到的回执 → ${answer}`));
    let at = 0;
    for (const body of repliesTo(record)) await send(body, `${record.ticketNo}-${String((at += 1)).padStart(3, '0')}`);
  };

  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => void (text += part)).on('end', () => {
      if (!isSigned(key, request.headers, text, Math.floor(now() / 1_000))) {
        log('签名不对，拒收');
        return void response.writeHead(401).end();
      }
      const { status, body, record, repeated } = take(text);
      if (status === 0) return void request.socket.destroy();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === null ? '' : JSON.stringify(body));
      if (record !== null && !repeated) void follow(record, async (reply) => log(`发出 → ${await post('', JSON.stringify(reply))}`)).catch((error: unknown) => log(`发不出去：${error instanceof Error ? error.message : String(error)}`));
    });
  });

  return {
    server,
    /** A matter of its own, which the gateway opens a ticket for. */
    dispatch: async (externalNo: string, content: string): Promise<string> => {
      const record = { format: 'yihu-exchange-1', profile, kind: 'dispatch', version: 1, sentAt: beijing(now()), identity: { externalNo }, demand: { type: '求助', title: content.slice(0, 40), content } };
      const answer = await post('', JSON.stringify(record));
      return manner === 'twice' ? `${answer}\n${await post('', JSON.stringify(record))}` : answer;
    },
    /** Takes what lies in out/ of a shared folder once, and puts acknowledgements and its own records into in/. @returns how many */
    lookInto: async (folder: string): Promise<number> => {
      const [out, taken, into] = [join(folder, 'out'), join(folder, 'out', 'taken'), join(folder, 'in')];
      await mkdir(taken, { recursive: true });
      await mkdir(into, { recursive: true });
      let count = 0;
      for (const name of (await readdir(out)).filter((one) => one.endsWith('.json')).toSorted()) {
        const { status, body, record, repeated } = take(await readFile(join(out, name), 'utf8'));
        if (status === 0) break;
        await rename(join(out, name), join(taken, name));
        count += 1;
        if (record === null) continue;
        const put = async (given: object, file: string): Promise<void> => {
          await writeFile(join(into, `.${file}.part`), JSON.stringify(given));
          await rename(join(into, `.${file}.part`), join(into, file));
        };
        await put({ number: record.ticketNo, version: record.version, code: '0', ...body }, `${name.replace(/\.json$/, '')}.ack.json`);
        if (repeated) continue;
        let at = 0;
        for (const reply of repliesTo(record)) await put(reply, `${record.ticketNo}-${String((at += 1)).padStart(3, '0')}.json`);
      }
      return count;
    },
  };
}

function readPeerRecord(text: string): PeerRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return null;
    const { kind, version, identity } = value;
    const ticketNo = isObject(identity) ? identity['ticketNo'] : null;
    return typeof kind === 'string' && typeof version === 'number' && typeof ticketNo === 'string' ? { kind, version, ticketNo } : null;
  } catch {
    return null;
  }
}

const beijing = (at: number): string => `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
