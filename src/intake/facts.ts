import type { DialogFacts } from '../dialog/types.ts';
import { beijingDay } from '../domain/clock.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { IntakeContext, Unit } from './context.ts';
import { lookAtDoor } from './door.ts';
import { stormFacts } from './storm/hear.ts';

/** A seat counts as online while its last sign of life is younger than this. */
export const PRESENCE_MS = 45_000;

export interface Gathered {
  readonly facts: DialogFacts;
  /** News waits that could not reach this citizen before. */
  readonly waiting: boolean;
}

/** What the dialog may know of the world for one turn of this conversation. Only reads. */
export async function gatherFacts(context: IntakeContext, unit: Pick<Unit, 'repos'>, conversation: Conversation): Promise<Gathered> {
  const now = context.now();
  const today = beijingDay(now);
  const [seatsOnline, knownPhoneLast4] = [await unit.repos.seats.onlineCount(now - PRESENCE_MS), await unit.repos.citizens.phoneLast4(conversation.citizenId)];
  // An ordinary citizen costs no statement.
  const { enterpriseId } = conversation;
  const enterprise = enterpriseId === null ? null : ((await unit.repos.enterprises.get(enterpriseId))?.name ?? null);
  const { visitNumber, waiting } = await lookAtDoor(unit, conversation, knownPhoneLast4);
  const facts: DialogFacts = {
    now,
    modality: conversation.modality,
    channel: conversation.channel,
    locale: conversation.locale,
    seatsOnline,
    seatHoursOpen: context.clock.isSeatOpen(now),
    officeHoursOpen: context.clock.isOfficeOpen(now),
    knownPhoneLast4,
    visitNumber,
    enterprise,
    match: (question, options) => context.knowledge.matcher.match(question, { ...options, context: { ...options?.context, today } }),
    entry: context.knowledge.entry,
    ...stormFacts(context),
    suggestItems: remember((text) => context.suggestItems(text, enterprise === null ? undefined : 'enterprise')),
  };
  return { facts, waiting };
}

/** One turn asks about the same words several times (is it a complaint, what has been understood, what goes on the ticket). */
function remember<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const answer = ask(text);
    known.set(text, answer);
    return answer;
  };
}
