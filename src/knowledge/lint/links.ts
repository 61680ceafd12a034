import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { Agent, request, type Dispatcher } from 'undici';
import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import { urlsOf } from './entry-rules.ts';
import type { Finding, LintRule, Severity } from './types.ts';

/**
 * Which links lead nowhere. Only when asked for, from the command line: it goes out to the network. Editors choose the
 * addresses, so nothing of the own network is ever asked: a name is resolved once, its addresses are checked, and the
 * connection goes to what was checked.
 */

export interface LinkOptions {
  /** For one request, headers included, ms. */
  readonly timeoutMs?: number;
  /** Requests at a time. */
  readonly parallel?: number;
  /** May this address be connected to? Public ones only, unless told (tests have a stand-in on this machine). */
  readonly allow?: (address: string) => boolean;
  readonly onProgress?: (share: number) => void;
}

const MOST_REDIRECTS = 5;

/** Networks that are nobody's public site (IANA special-purpose address registries, RFC 6890 and its updates). */
const SPECIAL = new BlockList();
for (const [network, prefix] of [['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4]] as const) SPECIAL.addSubnet(network, prefix, 'ipv4');
// Of IPv6 only global unicast (2000::/3) is public; in it 6to4 and Teredo carry an IPv4 address, and 2001:db8 is for examples.
for (const [network, prefix] of [['2001::', 32], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20]] as const) SPECIAL.addSubnet(network, prefix, 'ipv6');
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');

/** Is this an address (not a name) of the public internet? */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !SPECIAL.check(address, 'ipv4');
  return version === 6 && GLOBAL.check(address, 'ipv6') && !SPECIAL.check(address, 'ipv6');
}

type Verdict = 'alive' | 'dead' | 'unreachable' | 'refused';

const FINDINGS: Readonly<Record<Exclude<Verdict, 'alive'>, { readonly rule: LintRule; readonly severity: Severity; readonly text: string; readonly mend: string }>> = {
  dead: { rule: 'link.dead', severity: 'error', text: '链接打不开：页面不存在', mend: '换成现在的地址，或删去' },
  unreachable: { rule: 'link.unreachable', severity: 'warning', text: '链接这次没有连上', mend: '用浏览器打开看看；长期打不开就换掉' },
  refused: { rule: 'link.refused', severity: 'error', text: '链接指向内部网络或不能用的地址', mend: '换成市民能打开的公开网址' },
};

/** Looks at every address once, however many entries name it. */
export async function checkLinks(entries: readonly KnowledgeEntry[], { timeoutMs = 8_000, parallel = 6, allow = isPublicAddress, onProgress }: LinkOptions = {}): Promise<readonly Finding[]> {
  const places = new Map<string, { readonly id: string; readonly field: string }[]>();
  for (const entry of entries) for (const { field, url } of urlsOf(entry)) places.set(url, [...(places.get(url) ?? []), { id: entry.id, field }]);
  const waiting = [...places.entries()];
  const found: Finding[] = [];
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [url, named] = next;
      const verdict = await visit(url, timeoutMs, allow);
      done += 1;
      onProgress?.(done / places.size);
      if (verdict === 'alive') continue;
      const { rule, severity, text, mend } = FINDINGS[verdict];
      for (const { id, field } of named) found.push({ rule, severity, entryIds: [id], field, text, mend });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallel) }, worker));
  return found;
}

async function visit(url: string, timeoutMs: number, allow: (address: string) => boolean): Promise<Verdict> {
  let address = url;
  for (let step = 0; step <= MOST_REDIRECTS; step += 1) {
    const target = await resolve(address, allow);
    if (typeof target === 'string') return target;
    const head = await ask(target, 'HEAD', timeoutMs);
    // Some sites know no HEAD, or answer it with anything.
    const answer = head === null || head.status >= 400 ? await ask(target, 'GET', timeoutMs) : head;
    if (answer === null) return 'unreachable';
    if (answer.status >= 300 && answer.status < 400 && answer.location !== null) {
      if (!URL.canParse(answer.location, target.url.href)) return 'dead';
      address = new URL(answer.location, target.url).href;
      continue;
    }
    if (answer.status === 404 || answer.status === 410) return 'dead';
    // 401, 403, 429 and the like: there is something, and it does not like robots.
    return answer.status >= 500 ? 'unreachable' : 'alive';
  }
  return 'dead';
}

interface Target {
  readonly url: URL;
  readonly address: string;
  readonly family: 4 | 6;
}

async function resolve(address: string, allow: (address: string) => boolean): Promise<Target | 'refused' | 'unreachable'> {
  if (!URL.canParse(address)) return 'refused';
  const url = new URL(address);
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '' || url.password !== '') return 'refused';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }];
    if (found.length === 0) return 'unreachable';
    if (!found.every((one) => allow(one.address))) return 'refused';
    const first = found[0];
    return first === undefined ? 'unreachable' : { url, address: first.address, family: first.family === 6 ? 6 : 4 };
  } catch {
    return 'unreachable';
  }
}

async function ask({ url, address, family }: Target, method: 'HEAD' | 'GET', timeoutMs: number): Promise<{ readonly status: number; readonly location: string | null } | null> {
  // The name was resolved and checked above; resolving it again could give another address.
  const agent = new Agent({
    connect: { timeout: timeoutMs, lookup: (_host, options, callback) => (options.all === true ? callback(null, [{ address, family }]) : callback(null, address, family)) },
    headersTimeout: timeoutMs, bodyTimeout: timeoutMs, pipelining: 1, connections: 1,
  });
  try {
    const response: Dispatcher.ResponseData = await request(url, { method, dispatcher: agent, headers: { 'user-agent': 'yihu-link-check', accept: '*/*' }, signal: AbortSignal.timeout(timeoutMs) });
    response.body.on('error', () => {}); // cut off below: nobody reads it
    const { location } = response.headers;
    return { status: response.statusCode, location: typeof location === 'string' ? location : null };
  } catch {
    return null;
  } finally {
    await agent.destroy();
  }
}
