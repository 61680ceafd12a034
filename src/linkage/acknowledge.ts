import { maskText } from '../domain/masking.ts';
import type { JsonValue } from '../domain/json.ts';
import { type LinkageContext, noteStep, ticketOf } from './context.ts';
import { flatten } from './leaves.ts';
import type { Profile } from './profile.ts';
import { wakeNext } from './tell.ts';

/** Acknowledgements: theirs, in the answer to a post, in a post of its own or in a file; and ours, in their code. */

export type PeerAnswer =
  | { readonly kind: 'accepted'; readonly code: string; readonly text: string | null }
  /** Never: sent again it would be refused again. */
  | { readonly kind: 'refused'; readonly code: string; readonly text: string | null }
  /** Taken; the acknowledgement comes by itself. */
  | { readonly kind: 'later'; readonly code: string }
  | { readonly kind: 'failed'; readonly code: string };

const MAX_TEXT = 300;

/**
 * What an answer to a post says. Its code is the profile's `codeField`, or `http.<status>` where the body has none; a code that the
 * profile lists neither as accepted nor as refused is a failure, and tried again.
 */
export function readAcknowledgement(profile: Pick<Profile, 'acknowledgement'>, status: number, body: string): PeerAnswer {
  const { code = `http.${status}`, text } = readCodes(profile, body);
  const { accepted, refused } = profile.acknowledgement;
  if (accepted.includes(code)) return { kind: 'accepted', code, text };
  if (refused.includes(code)) return { kind: 'refused', code, text };
  return status === 202 ? { kind: 'later', code } : { kind: 'failed', code };
}

function readCodes({ acknowledgement }: Pick<Profile, 'acknowledgement'>, body: string): { readonly code?: string; readonly text: string | null } {
  const leaves = leavesOf(body);
  const code = leaves.get(acknowledgement.codeField);
  const text = leaves.get(acknowledgement.messageField);
  return { ...(typeof code === 'string' || typeof code === 'number' || typeof code === 'boolean' ? { code: String(code).slice(0, 40) } : {}), text: typeof text === 'string' && text.trim() !== '' ? clean(text) : null };
}

/** JSON, or XML of plain elements: enough for a code and a sentence. */
function leavesOf(body: string): ReadonlyMap<string, JsonValue> {
  const plain = body.replace(/^\uFEFF/, '').trim();
  if (plain.startsWith('<')) return new Map([...plain.matchAll(/<([A-Za-z_][\w.-]*)>([^<>]*)<\/\1>/g)].map(([, name, value]): [string, JsonValue] => [name ?? '', value ?? '']));
  try {
    return flatten(JSON.parse(plain));
  } catch {
    return new Map();
  }
}

export interface Acknowledged {
  /** Our ticket number and version, as we sent them. */
  readonly number: string;
  readonly version: number;
  readonly code: string;
  readonly text: string | null;
}

/**
 * An acknowledgement that came by itself, late or again.
 * @returns `unknown`: we sent no such record; `repeated`: it was answered before
 */
export async function takeAcknowledgement(context: LinkageContext, profile: Profile, given: Acknowledged): Promise<'taken' | 'repeated' | 'unknown'> {
  const { accepted, refused } = profile.acknowledgement;
  return context.write(async (unit) => {
    const { repos } = unit;
    const message = await repos.linkage.messageNamed(profile.id, 'out', given.number, given.version);
    if (message === null) return 'unknown';
    await repos.linkage.lock(profile.id, message.linkId);
    const stored = await repos.linkage.getMessage(message.id);
    if (stored === null || stored.state === 'acknowledged' || stored.state === 'refused') return 'repeated';
    const at = context.now();
    const text = given.text === null ? null : clean(given.text);
    const done = accepted.includes(given.code);
    // A code that means neither leaves it as it is: its time runs out, and it is sent again.
    if (!done && !refused.includes(given.code)) {
      await repos.linkage.updateMessage(stored.id, { code: given.code.slice(0, 40), text });
      return 'taken';
    }
    await repos.linkage.updateMessage(stored.id, { state: done ? 'acknowledged' : 'refused', code: given.code.slice(0, 40), text, endedAt: at, ackBy: null, ...(stored.sentAt === null ? { sentAt: at } : {}) });
    const link = await repos.linkage.getLink(stored.linkId);
    const ticket = await ticketOf(repos, link);
    if (ticket !== null && (!done || stored.kind === 'dispatch' || stored.kind === 'result')) {
      await noteStep(context, unit, ticket, profile, done ? `对方已接收第 ${stored.version} 号记录（回执 ${given.code}）` : `对方系统退回第 ${stored.version} 号记录（回执 ${given.code}${text === null ? '' : `，${text}`}）`, { kind: 'system' });
    }
    await wakeNext(context, unit, stored.linkId);
    return 'taken';
  });
}

const clean = (text: string): string => [...maskText(text).text.replaceAll(/[\u0000-\u001F\u007F]+/g, ' ').trim()].slice(0, MAX_TEXT).join('');

/** What a record of theirs came to. */
export interface Taken {
  readonly number: string;
  readonly version: number;
  readonly state: 'applied' | 'repeated' | 'held' | 'refused';
  /** Ours, for people and logs: `linkage.invalid`. */
  readonly code: string;
  readonly text: string;
  readonly ticketNo: string | null;
}

/** Our acknowledgement in their code, under the names that they use for theirs. */
export function acknowledgementOf({ acknowledgement }: Pick<Profile, 'acknowledgement'>, taken: Taken): { readonly [key: string]: JsonValue } {
  const { codeField, messageField, ours } = acknowledgement;
  return {
    [codeField]: ours[taken.state], [messageField]: taken.text,
    number: taken.number, version: taken.version, state: taken.state, reason: taken.code, ...(taken.ticketNo === null ? {} : { ticketNo: taken.ticketNo }),
  };
}
