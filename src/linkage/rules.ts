import type { Ticket } from '../domain/ticket.ts';
import type { Rule } from './profile.ts';

/** What goes to whom (config/linkage.yaml, `rules`). Pure. */

type Matter = Pick<Ticket, 'urgency' | 'itemCode' | 'kind' | 'title' | 'content'>;

/**
 * Rules that fit a ticket, or a conversation that has none yet, in their order.
 * @param emergency category that the dialog found; null: none
 */
export function rulesFor(rules: readonly Rule[], matter: Matter | null, emergency: string | null): readonly Rule[] {
  return rules.filter(({ when }) => {
    const text = matter === null ? '' : `${matter.title}\n${matter.content}`;
    if (when.emergencies !== undefined && (emergency === null || !when.emergencies.includes(emergency))) return false;
    if (when.urgencies !== undefined && (matter === null || !when.urgencies.includes(matter.urgency))) return false;
    if (when.kinds !== undefined && (matter === null || !when.kinds.includes(matter.kind))) return false;
    const code = matter?.itemCode ?? '';
    if (when.items !== undefined && !when.items.some((item) => code !== '' && (code === item || (item.endsWith('.') && code.startsWith(item))))) return false;
    if (when.words !== undefined && !when.words.some((word) => text.includes(word))) return false;
    return when.not === undefined || !when.not.some((word) => text.includes(word));
  });
}
