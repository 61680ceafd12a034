import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DialogEvent, DialogFacts } from '../../src/dialog/types.ts';
import type { TicketOpenArgs } from '../../src/domain/ticket.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { receive } from '../../src/intake/receive.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const NAME = '示范精密制造有限公司';
const THEIRS = '13800138000';
const STRANGER = '13900139000';

describe('the enterprise lane in the dialog', () => {
  let intake: IntakeUnderTest;
  let facts: DialogFacts[] = [];
  let lanes: (string | undefined)[] = [];
  beforeEach(async () => {
    intake = await openIntake();
    [facts, lanes] = [[], []];
    Object.assign(intake.context, { suggestItems: (_text: string, lane?: string) => (lanes.push(lane), []) });
    const now = intake.clock.now();
    await intake.store.write((repos) => repos.enterprises.put({ id: 'e1', name: NAME, creditCode: '91350100M000100Y43', townId: null, seatId: null, active: true, createdAt: now, updatedAt: now }, [THEIRS]));
    await intake.startBus();
  });
  afterEach(() => intake.close());

  const opening = (over: Partial<TicketOpenArgs> = {}): void => {
    intake.script = (event: DialogEvent, given: DialogFacts) => {
      facts.push(given);
      given.suggestItems('容积率');
      if (event.type !== 'message') return [{ kind: 'say', text: '好', inputHint: 'acceptingInput' }];
      const args: TicketOpenArgs = { ticketKind: '求助', itemCode: null, title: '容积率', content: '想调容积率', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, ...over };
      return [{ kind: 'action', action: 'ticket.open', args }];
    };
  };
  const call = async (phone: string) => {
    const got = await receive(intake.context, aMessage('想调容积率', { address: asAddress(`peer ${phone}`), identity: { externalUserId: `user ${phone}`, phone } }));
    await intake.settle();
    return intake.store.read(async (repos) => (await repos.tickets.byConversation(got.conversationId))[0]);
  };

  it('tells the flows the enterprise by name and suggests its items; its ticket goes by its own deadlines', async () => {
    opening({ itemCode: 'ent.plot-ratio' });
    const ticket = await call(THEIRS);
    expect(facts.map(({ enterprise }) => enterprise)).toEqual([NAME, NAME]);
    expect([...new Set(lanes)]).toEqual(['enterprise']);
    expect(ticket).toMatchObject({ enterpriseId: 'e1', profileId: intake.context.city.enterpriseDeadlines.id, itemCode: 'ent.plot-ratio', departmentId: 'natural-resources' });
  });

  it('is nothing to anybody else', async () => {
    opening();
    const ticket = await call(STRANGER);
    expect(facts.map(({ enterprise }) => enterprise)).toEqual([null, null]);
    expect([...new Set(lanes)]).toEqual([undefined]);
    expect(ticket).toMatchObject({ enterpriseId: null, profileId: intake.context.city.deadlines.id });
  });

  it('files without an item when a flow names one that the catalogue in force has not', async () => {
    opening({ itemCode: 'ent.of-another-city' });
    expect(await call(THEIRS)).toMatchObject({ enterpriseId: 'e1', itemCode: null });
  });
});
