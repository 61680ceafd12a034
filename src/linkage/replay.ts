import { AppError } from '../domain/errors.ts';
import type { LinkageMessage } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import type { LinkageContext } from './context.ts';
import { carry } from './tell.ts';

/**
 * Sends one of ours again, under the same version: whoever had it knows it.
 * @throws AppError `linkage.message_not_found`, `linkage.message_waits`, `linkage.not_ours`, `linkage.off`
 */
export async function replayMessage(context: LinkageContext, unit: TicketUnit, messageId: string, actor: string): Promise<LinkageMessage> {
  const { repos } = unit;
  const found = await repos.linkage.getMessage(messageId);
  if (found === null) throw new AppError('linkage.message_not_found', 'no such record', { status: 404, citizenText: '没有这条联动记录。' });
  await repos.linkage.lock(found.profile, found.linkId);
  const message = (await repos.linkage.getMessage(messageId)) ?? found;
  if (message.direction !== 'out') throw new AppError('linkage.not_ours', 'only records of ours are sent', { status: 409, citizenText: '只能重发本热线发出的记录。' });
  if (message.state === 'waiting') throw new AppError('linkage.message_waits', 'it has not been sent yet', { status: 409, citizenText: '这条记录还在等待发送，不需要重发。' });
  if (context.house.endpoint(message.profile)?.on !== true) throw new AppError('linkage.off', 'this profile exchanges no records now', { status: 409, citizenText: '这个联动单位的系统通道没有启用，不能重发。' });
  await repos.linkage.updateMessage(messageId, { state: 'waiting', attempts: 0, repeats: message.repeats + 1, ackBy: null, endedAt: null });
  const at = context.now();
  // A buried row is brought back, so that the dead letters' page does not go on showing what is being sent.
  if (message.outboxId !== null && (await repos.outbox.revive(message.outboxId, at))) {
    const row = await repos.outbox.get(message.outboxId);
    if (row !== null) unit.after.push({ kind: 'wake', rows: [{ id: row.id, lane: row.lane, availableAt: row.availableAt }] });
  } else await carry(context, unit, message);
  await repos.trail.append({ at, actor, action: 'linkage.replayed', subject: `linkage-message:${messageId}`, purpose: `${message.number} 第 ${message.version} 号` });
  return message;
}
