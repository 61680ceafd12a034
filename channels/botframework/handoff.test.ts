import { EventFactory, TestAdapter, TurnContext, type Activity as WireActivity, type Transcript } from 'botbuilder';
import { describe, expect, it } from 'vitest';
import { decode } from './decode.ts';
import { handoffInitiate, handoffStatus, INITIATE, readHandoff } from './handoff.ts';
import type { JsonObject } from '../../src/domain/json.ts';

/** Botbuilder's own EventFactory is the judge. */

const conversation = { id: 'c1', isGroup: false, conversationType: 'personal', name: '' };
const said: Partial<WireActivity> = { type: 'message', id: 'm1', text: '转人工', channelId: 'msteams', serviceUrl: 'https://connector.example/', conversation, from: { id: 'user', name: 'u' }, recipient: { id: 'bot', name: 'b' }, locale: 'zh-CN' };

/** What is on the wire, without what is made anew each time. */
function onWire(activity: Partial<WireActivity>): JsonObject {
  const { id, timestamp, ...rest }: JsonObject = JSON.parse(JSON.stringify(activity));
  expect(id === undefined || typeof id === 'string').toBe(true);
  expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  return rest;
}

describe('handoff events', () => {
  it.each([['accepted', undefined], ['failed', '没有坐席在线'], ['completed', undefined]] as const)('status %s is EventFactory’s, field for field', (state, message) => {
    const theirs = EventFactory.createHandoffStatus(conversation, state, message);
    expect(onWire(handoffStatus(conversation, state, message, 1_790_000_000_000))).toEqual(onWire(theirs));
  });

  it('initiate is EventFactory’s, field for field', () => {
    const context = new TurnContext(new TestAdapter(), said);
    const transcript: Transcript = { activities: [new TurnContext(new TestAdapter(), { ...said, text: '你好' }).activity] };
    const theirs = EventFactory.createHandoffInitiation(context, { skill: 'permits' }, transcript);
    expect(onWire(handoffInitiate(context, { skill: 'permits' }, transcript.activities, 1_790_000_000_000))).toEqual(onWire(theirs));
  });

  it('reads what EventFactory makes', () => {
    const context = new TurnContext(new TestAdapter(), said);
    const initiate: JsonObject = JSON.parse(JSON.stringify(EventFactory.createHandoffInitiation(context, { skill: 'permits' })));
    const decoded = decode({ ...initiate, recipient: { id: 'bot' } }, 'seats');
    expect(decoded.kind === 'inbound' ? decoded.activities.map(({ content }) => content) : decoded).toEqual([
      { type: 'event', name: INITIATE, value: { context: { skill: 'permits' }, transcript: [] } },
      { type: 'message', text: '转人工' },
    ]);
    const status: JsonObject = JSON.parse(JSON.stringify(EventFactory.createHandoffStatus(conversation, 'failed', '忙')));
    expect(readHandoff('handoff.status', status['value'], status['attachments'])).toEqual({ kind: 'status', state: 'failed', value: { state: 'failed', message: '忙' } });
  });

  it('keeps a state that nobody knows and does nothing with it', () => {
    expect(readHandoff('handoff.status', { state: 'dancing' }, undefined)).toEqual({ kind: 'status', state: null, value: { state: 'dancing' } });
    expect(readHandoff('handoff.status', 'accepted', undefined)).toMatchObject({ kind: 'status', state: null });
  });
});
