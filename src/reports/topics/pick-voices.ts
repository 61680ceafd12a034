import type { Vector } from '../../matcher/alike/vectors.ts';
import type { TopicTicket, Voice } from './types.ts';
import { voiceOf } from './voices.ts';

const VOICES = 3;
/** Those nearest to the middle are chosen among. */
const CENTRAL = 40;
/** What is alike one that was chosen counts so much less. */
const SAMENESS = 0.5;
/** Characters: less says nothing. */
const SHORTEST = 8;

/** The most central one, then such as are central too and say something else. Confidential tickets do not speak. */
export function pickVoices(members: readonly { readonly ticket: TopicTicket; readonly vector: Vector }[], middle: Vector, near: (a: Vector, b: Vector) => number): readonly Voice[] {
  const central = members
    .filter(({ ticket }) => !ticket.confidential && ticket.content.trim().length >= SHORTEST)
    .map((member) => ({ ...member, near: near(member.vector, middle) }))
    .sort((a, b) => b.near - a.near || (a.ticket.id < b.ticket.id ? -1 : 1))
    // Copies of one text are one voice.
    .filter(({ ticket }, at, all) => all.findIndex((other) => other.ticket.content === ticket.content) === at)
    .slice(0, CENTRAL);
  const chosen: typeof central = [];
  const said = new Set<string>();
  while (chosen.length < VOICES) {
    let best: { readonly member: (typeof central)[number]; readonly worth: number } | null = null;
    for (const member of central) {
      if (chosen.includes(member) || said.has(voiceOf(member.ticket.content))) continue;
      const worth = member.near - SAMENESS * Math.max(0, ...chosen.map((other) => near(member.vector, other.vector)));
      if (best === null || worth > best.worth) best = { member, worth };
    }
    if (best === null) break;
    chosen.push(best.member);
    said.add(voiceOf(best.member.ticket.content));
  }
  return chosen.map(({ ticket: { id, number, at, townId, content } }) => ({ ticketId: id, number, at, townId, text: voiceOf(content) }));
}
