import type { Ticket } from '../../domain/ticket.ts';
import { codesOf, describeWhy, PROPOSE } from '../../matcher/alike/likeness.ts';
import type { AlikeHit, AlikeIndex, AlikeTicket } from '../../matcher/alike/types.ts';
import type { Repositories } from '../../store/contract.ts';
import type { AlikeContext } from './context.ts';
import { asAlike } from './keeper.ts';
import { type MergeRefusal, whyNotMerge } from './merge.ts';

/** Which open tickets may be of the same matter: asked live at the desk, and at opening for proposals. Nothing is merged here. */

export interface Alike {
  /** The one to follow: what a ticket that follows is found by stands for its leading one. */
  readonly ticket: Ticket;
  /** 0 to 1. */
  readonly score: number;
  /** `text`, `place`, `item`, `time`, `citizen`. */
  readonly why: readonly string[];
  readonly words: string;
}

export interface Asked extends AlikeTicket {
  /** Confidential tickets are compared among themselves only. */
  readonly confidential: boolean;
}

const SHOWN = 8;
/** Many hits may be followers of one ticket. */
const READ = 32;
const PROPOSED = 3;

/** Open tickets like this one, best first, itself and its own followers left out; one costs some 3 ms at 100,000 open tickets. */
export async function findAlike(index: AlikeIndex, repos: Repositories, asked: Asked, limit = SHOWN): Promise<readonly Alike[]> {
  const hits = index.alike(asked, { limit: READ });
  if (hits.length === 0) return [];
  const tickets = new Map((await repos.tickets.getMany(hits.map(({ id }) => id))).map((ticket) => [ticket.id, ticket]));
  const leading = new Map((await repos.tickets.getMany([...new Set([...tickets.values()].flatMap(({ leadingId }) => leadingId ?? []))])).map((ticket) => [ticket.id, ticket]));
  const found = new Map<string, Alike>();
  for (const hit of hits) {
    const stored = tickets.get(hit.id);
    // Archived meanwhile, and no news told of it.
    if (stored === undefined || stored.archivedAt !== null) index.remove(hit.id);
    const ticket = stored === undefined || stored.leadingId === null ? stored : leading.get(stored.leadingId);
    if (ticket === undefined || ticket.archivedAt !== null || ticket.id === asked.id || ticket.confidential !== asked.confidential) continue;
    if (!found.has(ticket.id)) found.set(ticket.id, asAnswer(hit, ticket));
    if (found.size >= limit) break;
  }
  return [...found.values()];
}

function asAnswer({ score, why }: AlikeHit, ticket: Ticket): Alike {
  return { ticket, score, why: codesOf(why), words: describeWhy(why) };
}

/** Writes down what this ticket may be merged into, or what into it: the older one leads. */
export async function proposeFor(context: AlikeContext, index: AlikeIndex, ticket: Ticket): Promise<number> {
  if (ticket.leadingId !== null || ticket.archivedAt !== null) return 0;
  const likes = await context.read((repos) => findAlike(index, repos, { ...asAlike(ticket), confidential: ticket.confidential }, PROPOSED));
  const pairs = likes.flatMap((like) => {
    if (like.score < PROPOSE) return [];
    const isOlder = like.ticket.createdAt < ticket.createdAt || (like.ticket.createdAt === ticket.createdAt && like.ticket.id < ticket.id);
    const [follower, leader] = isOlder ? [ticket, like.ticket] : [like.ticket, ticket];
    return whyNotMerge(follower, leader) === null ? [{ ticketId: follower.id, leadingId: leader.id, score: like.score, why: like.why }] : [];
  });
  if (pairs.length === 0) return 0;
  await context.write(async ({ repos }) => {
    for (const pair of pairs) await repos.alikeProposals.propose({ ...pair, at: context.now() });
  });
  return pairs.length;
}

/** A ticket's own place among duplicates, for the desk. */
export interface AlikeView {
  readonly leading: Ticket | null;
  readonly followers: readonly Ticket[];
  readonly followerCount: number;
  readonly likes: readonly (Alike & { readonly refusal: MergeRefusal | null })[];
  readonly proposals: readonly { readonly ticket: Ticket; readonly leads: boolean; readonly score: number; readonly why: readonly string[]; readonly state: 'proposed' | 'merged' | 'refused' }[];
}

const FOLLOWERS_SHOWN = 20;

export async function viewAlike(index: AlikeIndex, repos: Repositories, ticket: Ticket): Promise<AlikeView> {
  const proposals = await repos.alikeProposals.of(ticket.id);
  const refused = new Set(proposals.flatMap((proposal) => (proposal.state === 'refused' ? (proposal.ticketId === ticket.id ? [proposal.leadingId] : [proposal.ticketId]) : [])));
  const likes = ticket.archivedAt !== null ? [] : await findAlike(index, repos, { ...asAlike(ticket), confidential: ticket.confidential });
  const others = new Map((await repos.tickets.getMany(proposals.map(({ ticketId, leadingId }) => (ticketId === ticket.id ? leadingId : ticketId)))).map((other) => [other.id, other]));
  return {
    leading: ticket.leadingId === null ? null : await repos.tickets.get(ticket.leadingId),
    followers: await repos.tickets.getMany(await repos.alikeTickets.followers(ticket.id, { afterId: null, limit: FOLLOWERS_SHOWN })),
    followerCount: await repos.alikeTickets.countFollowers(ticket.id),
    likes: likes.filter((like) => !refused.has(like.ticket.id) && like.ticket.id !== ticket.leadingId).map((like) => ({ ...like, refusal: whyNotMerge(ticket, like.ticket) })),
    proposals: proposals.flatMap(({ ticketId, leadingId, score, why, state }) => {
      const other = others.get(ticketId === ticket.id ? leadingId : ticketId);
      return other === undefined ? [] : [{ ticket: other, leads: other.id === leadingId, score, why, state }];
    }),
  };
}
