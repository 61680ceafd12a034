import type { Ticket } from '../../domain/ticket.ts';
import { codesOf, describeWhy, PROPOSE } from '../../matcher/alike/likeness.ts';
import type { AlikeHit, AlikeIndex, AlikeTicket } from '../../matcher/alike/types.ts';
import type { ComparedTicket, Repositories, TicketStanding } from '../../store/contract.ts';
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

/** What the index answered, and for whom. */
interface Look {
  readonly asked: Pick<Asked, 'id' | 'confidential'>;
  readonly hits: readonly AlikeHit[];
}

interface Standing {
  readonly hit: AlikeHit;
  readonly ticket: TicketStanding;
}

/** Open tickets like this one, best first, itself and its own followers left out. */
export async function findAlike(index: AlikeIndex, repos: Repositories, asked: Asked, limit = SHOWN): Promise<readonly Alike[]> {
  const [found = []] = await resolve(index, repos, [{ asked, hits: index.alike(asked, { limit: READ }) }], limit);
  const tickets = new Map((await repos.tickets.getMany(found.map(({ ticket }) => ticket.id))).map((ticket) => [ticket.id, ticket]));
  return found.flatMap(({ hit, ticket: { id } }) => {
    const ticket = tickets.get(id);
    return ticket === undefined ? [] : [{ ticket, score: hit.score, why: codesOf(hit.why), words: describeWhy(hit.why, hit.words()) }];
  });
}

/**
 * Whom the hits stand for, in the order of the looks: the leading one of a follower, and each once. The first hits are mostly enough; the others
 * are read for those looks that lack some.
 */
async function resolve(index: AlikeIndex, { alikeTickets }: Repositories, looks: readonly Look[], limit: number): Promise<readonly (readonly Standing[])[]> {
  const known = new Map<string, TicketStanding>();
  const read = async (ids: Iterable<string>): Promise<void> => {
    const wanted = [...new Set(ids)].filter((id) => !known.has(id));
    for (const standing of await alikeTickets.standings(wanted)) known.set(standing.id, standing);
  };
  const readHits = async (hits: readonly AlikeHit[]): Promise<void> => {
    await read(hits.map(({ id }) => id));
    await read(hits.flatMap(({ id }) => known.get(id)?.leadingId ?? []));
  };
  await readHits(looks.flatMap(({ hits }) => hits.slice(0, limit)));
  const first = looks.map((look) => standFor(index, known, look, limit, limit));
  const lacking = looks.filter(({ hits }, at) => hits.length > limit && (first[at]?.length ?? 0) < limit);
  if (lacking.length === 0) return first;
  await readHits(lacking.flatMap(({ hits }) => hits.slice(limit)));
  return looks.map((look, at) => (lacking.includes(look) ? standFor(index, known, look, READ, limit) : (first[at] ?? [])));
}

/** Of the hits that are read. */
function standFor(index: AlikeIndex, known: ReadonlyMap<string, TicketStanding>, { asked, hits }: Look, read: number, limit: number): readonly Standing[] {
  const found = new Map<string, Standing>();
  for (const hit of hits.slice(0, read)) {
    const stored = known.get(hit.id);
    // Archived meanwhile, and no news told of it.
    if (stored === undefined || stored.archivedAt !== null) index.remove(hit.id);
    const ticket = stored === undefined || stored.leadingId === null ? stored : known.get(stored.leadingId);
    if (ticket === undefined || ticket.archivedAt !== null || ticket.id === asked.id || ticket.confidential !== asked.confidential) continue;
    if (!found.has(ticket.id)) found.set(ticket.id, { hit, ticket });
    if (found.size >= limit) break;
  }
  return [...found.values()];
}

/** Looks for duplicates of new tickets, and writes down what may be merged: of a page of them in one passage. */
export interface Proposer {
  /** Asks the index now, so that of two that come together the later one finds the earlier. Costs no passage. */
  look(ticket: ComparedTicket): void;
  /** Writes down what this ticket may be merged into, or what into it, for all that were looked for: the older one leads. @returns how many pairs */
  propose(): Promise<number>;
}

export function createProposer(context: AlikeContext, index: AlikeIndex): Proposer {
  let looks: { readonly ticket: ComparedTicket; readonly look: Look }[] = [];
  return {
    look: (ticket) => {
      if (ticket.leadingId !== null || ticket.archivedAt !== null) return;
      const hits = index.alike(asAlike(ticket), { limit: READ });
      if (hits.length > 0) looks.push({ ticket, look: { asked: ticket, hits } });
    },
    propose: async () => {
      const taken = looks;
      looks = [];
      if (taken.length === 0) return 0;
      const found = await context.read((repos) => resolve(index, repos, taken.map(({ look }) => look), PROPOSED));
      const pairs = taken.flatMap(({ ticket }, at) => (found[at] ?? []).flatMap((like) => pairOf(ticket, like)));
      if (pairs.length === 0) return 0;
      await context.write(async ({ repos }) => {
        for (const pair of pairs) await repos.alikeProposals.propose({ ...pair, at: context.now() });
      });
      return pairs.length;
    },
  };
}

function pairOf(ticket: ComparedTicket, { hit, ticket: other }: Standing) {
  if (hit.score < PROPOSE) return [];
  const isOlder = other.createdAt < ticket.createdAt || (other.createdAt === ticket.createdAt && other.id < ticket.id);
  const [follower, leader] = isOlder ? [ticket, other] : [other, ticket];
  return whyNotMerge(follower, leader) === null ? [{ ticketId: follower.id, leadingId: leader.id, score: hit.score, why: codesOf(hit.why) }] : [];
}

/** The same for some tickets at once. */
export async function proposeFor(context: AlikeContext, index: AlikeIndex, tickets: readonly ComparedTicket[]): Promise<number> {
  const proposer = createProposer(context, index);
  for (const ticket of tickets) proposer.look(ticket);
  return proposer.propose();
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
