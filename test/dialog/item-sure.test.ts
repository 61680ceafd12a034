import { describe, expect, it } from 'vitest';
import type { ItemSuggestion } from '../../src/domain/conversation.ts';
import { talk } from './support/program.ts';

/** The item that a report is filed under when the suggester says this. */
function filedUnder(suggestion: Pick<ItemSuggestion, 'score' | 'sure'>): string | null | undefined {
  const one = talk({ suggestItems: () => [{ code: 'city.street-lamp', name: '路灯故障', matched: ['路灯'], ...suggestion }] });
  one.say('我要投诉，石碣镇崇焕路的路灯不亮已经三天了');
  for (const answer of ['就在崇焕路口', '13800138000', '不用', '提交', '确认']) {
    const action = one.log.find((effect) => effect.kind === 'action' && effect.action === 'ticket.open');
    if (action?.kind === 'action' && action.action === 'ticket.open') return action.args.itemCode;
    one.say(answer);
  }
  const action = one.log.find((effect) => effect.kind === 'action' && effect.action === 'ticket.open');
  return action?.kind === 'action' && action.action === 'ticket.open' ? action.args.itemCode : undefined;
}

describe('an item is filled in without a person', () => {
  it('only where the learned model is sure, whatever the score', () => {
    expect(filedUnder({ score: 0.93, sure: false })).toBeNull();
    expect(filedUnder({ score: 0.93, sure: true })).toBe('city.street-lamp');
  });

  it('from the score of config/dialog.yaml on where no model was learned', () => {
    expect(filedUnder({ score: 0.93 })).toBe('city.street-lamp');
    expect(filedUnder({ score: 0.2 })).toBeNull();
  });
});
