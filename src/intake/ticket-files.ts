import type { Activity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { IntakeContext, Unit } from './context.ts';

/** Pictures and files that a citizen sends while a ticket is written or added to become files of that ticket. */

/** How far back a conversation is looked through, and how old a picture may be to belong to what is said now. */
const RECENT = 40;
const FRESH_MS = 30 * 60_000;
/** A peer that is away is asked for its file again for so long. */
const COPY_MS = 24 * 60 * 60_000;
const PREFIX = 'media:';
const pendingKey = (activityId: string, index: number): string => `ticket-file:${activityId}:${index}`;

/**
 * Files of the ticket out of what this conversation sent lately and no ticket of it has yet. What a peer keeps and has not been copied
 * (WeChat) is noted, and follows when it is (`keepCopied`).
 * @returns how many belong to the ticket now or soon
 */
export async function keepSent(context: IntakeContext, unit: Unit, { id: conversationId, modality }: Pick<Conversation, 'id' | 'modality'>, ticket: Ticket): Promise<number> {
  // Nothing can be sent along with words that are spoken.
  if (modality === 'voice') return 0;
  const { repos } = unit;
  const since = context.now() - FRESH_MS;
  const recent = (await repos.activities.latest(conversationId, RECENT)).filter((activity) => activity.direction === 'in' && activity.at >= since);
  const sent = recent.flatMap((activity) => (activity.content.type === 'message' ? (activity.content.attachments ?? []).map((attachment, index) => ({ activity, attachment, index })) : []));
  if (sent.length === 0) return 0;
  const known = new Set<string>();
  for (const other of [...(await repos.tickets.byConversation(conversationId)), ticket]) for (const file of await repos.ticketFiles.of(other.id)) known.add(file.media);
  let kept = 0;
  for (const { activity, attachment, index } of sent) {
    const url = attachment.url.startsWith(PREFIX) ? attachment.url : copyOf(recent, activity.id, index);
    if (url === null) {
      const key = pendingKey(activity.id, index);
      if ((await repos.channelState.get('intake', key, context.now())) !== null) continue;
      await repos.channelState.put('intake', key, ticket.id, context.now() + COPY_MS);
      kept += 1;
    } else if (!known.has(tokenOf(url))) {
      await addFile(context, unit, ticket.id, { url, name: attachment.name ?? null, contentType: attachment.contentType });
      kept += 1;
    }
  }
  return kept;
}

/** A copy arrived: it belongs to the ticket that was waiting for it. */
export async function keepCopied(context: IntakeContext, unit: Unit, given: { readonly activityId: string; readonly index: number; readonly url: string; readonly name: string | null; readonly contentType: string }): Promise<void> {
  const key = pendingKey(given.activityId, given.index);
  const ticketId = await unit.repos.channelState.get('intake', key, context.now());
  if (ticketId === null) return;
  await addFile(context, unit, ticketId, given);
  unit.after.push({ kind: 'ticket', ticketId, conversationId: null });
}

async function addFile(context: IntakeContext, unit: Unit, ticketId: string, { url, name, contentType }: { readonly url: string; readonly name: string | null; readonly contentType: string }): Promise<void> {
  await unit.repos.ticketFiles.insert({ id: context.newId(), ticketId, media: tokenOf(url), name, contentType, purpose: 'citizen', addedBy: 'citizen', at: context.now() });
}

function copyOf(activities: readonly Activity[], activityId: string, index: number): string | null {
  for (const { content } of activities) {
    if (content.type !== 'event' || content.name !== 'attachment.saved') continue;
    const { value } = content;
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value['activityId'] !== activityId || value['index'] !== index) continue;
    return typeof value['url'] === 'string' ? value['url'] : null;
  }
  return null;
}

/** `media:<token>/<name>`: the token names the stored bytes. */
const tokenOf = (url: string): string => url.slice(PREFIX.length).split('/')[0] ?? '';
