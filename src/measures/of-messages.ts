import type { GapKind, MessageCount, Rollup } from '../store/contract.ts';
import type { MeasureName } from './catalogue.ts';
import { rowsOf } from './rows.ts';

/** Of one stretch of messages, grouped where they lie. */
export function rowsOfMessages(counts: readonly MessageCount[]): readonly Rollup[] {
  return counts.flatMap(({ hour, channel, role, amount, begun, answered, answeredMs }) => {
    const count = (measure: MeasureName, of: number, sum = 0): readonly Rollup[] => (of === 0 ? [] : rowsOf({ measure, at: hour, amount: of, sum, keys: { channel } }));
    switch (role) {
      case 'citizen':
        return [...count('message.received', amount), ...count('conversation.begun', begun)];
      case 'bot':
        return [...count('message.bot', amount), ...count('knowledge.answered', answered, answeredMs)];
      case 'seat':
        return count('message.seat', amount);
      case 'system':
        return [];
    }
  });
}

const GAPS: Readonly<Record<GapKind, MeasureName>> = { unanswered: 'knowledge.unanswered', low: 'knowledge.unanswered', unhelpful: 'knowledge.unhelpful' };

export function rowsOfGaps(gaps: readonly { readonly hour: number; readonly kind: GapKind; readonly amount: number }[]): readonly Rollup[] {
  return gaps.flatMap(({ hour, kind, amount }) => rowsOf({ measure: GAPS[kind], at: hour, amount, keys: {} }));
}
