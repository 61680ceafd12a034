import { AppError } from '../domain/errors.ts';
import { isOpen } from '../domain/ticket-moves.ts';
import type { TicketActor } from '../domain/ticket.ts';
import type { TicketFile } from '../store/contract.ts';
import { sideText } from './actor-text.ts';
import type { TicketsContext, TicketUnit } from './context.ts';
import { record, requireTicket } from './record.ts';

/** Files of a ticket: what citizens send along and what shows a result. The bytes are media rows. */

/** Of one ticket. */
export const MAX_FILES = 60;

export interface FileGiven {
  /** `media:<token>/<name>`, as the media store answered. */
  readonly url: string;
  readonly name: string | null;
  readonly contentType: string;
  readonly purpose: TicketFile['purpose'];
}

/**
 * Puts a stored file to a ticket. The ticket itself does not change: who has it open can go on.
 * @throws AppError `ticket.finished` (archived), `ticket.too_many_files`
 */
export async function addFile(context: TicketsContext, unit: TicketUnit, ticketId: string, given: FileGiven, actor: TicketActor): Promise<TicketFile> {
  const ticket = await requireTicket(unit, ticketId);
  if (!isOpen(ticket.state)) throw new AppError('ticket.finished', 'a finished ticket takes no files', { status: 409, citizenText: '这张工单已经归档，不能再添加材料。' });
  const before = await unit.repos.ticketFiles.of(ticketId);
  if (before.length >= MAX_FILES) throw new AppError('ticket.too_many_files', 'the ticket has as many files as it may', { status: 409, citizenText: `一张工单最多${MAX_FILES}个材料。` });
  const [media = ''] = given.url.replace(/^media:/, '').split('/');
  const now = context.now();
  const file: TicketFile = { id: context.newId(), ticketId, media, name: given.name, contentType: given.contentType, purpose: given.purpose, addedBy: sideText(actor), at: now };
  await unit.repos.ticketFiles.insert(file);
  await record(context, unit, ticket, { type: actor.kind === 'citizen' || actor.kind === 'partner' ? 'ticket.supplemented' : 'ticket.noted', actor, at: now, data: { text: `添加材料：${given.name ?? given.contentType}`, fileId: file.id } });
  return file;
}
