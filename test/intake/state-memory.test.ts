import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { close } from '../../src/intake/handoff.ts';
import { receive } from '../../src/intake/receive.ts';
import { createStateMemory } from '../../src/intake/state-memory.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('remembered dialog states', () => {
  it('count for their version only, and the oldest go', () => {
    const memory = createStateMemory(2);
    memory.put('a', 3, { step: 1 });
    expect(memory.get('a', 3)).toEqual({ step: 1 });
    expect(memory.get('a', 4)).toBeUndefined();
    memory.put('b', 1, null);
    memory.put('a', 5, { step: 2 });
    memory.put('c', 1, { step: 9 });
    expect([memory.get('b', 1), memory.get('a', 5), memory.get('c', 1)]).toEqual([undefined, { step: 2 }, { step: 9 }]);
  });
});

describe('turns with remembered states', () => {
  let intake: IntakeUnderTest;
  const restored: unknown[] = [];
  beforeEach(async () => {
    intake = await openIntake();
    restored.length = 0;
    await intake.startBus();
  });
  afterEach(() => intake.close());

  /** A dialog that counts its turns in its state, and says nothing when told to. */
  const counting = () => {
    const { dialog } = intake.context;
    return {
      ...intake.context,
      dialog: {
        ...dialog,
        restore: (stored: Parameters<typeof dialog.restore>[0]) => {
          restored.push(stored);
          const turns = typeof stored === 'object' && stored !== null && !Array.isArray(stored) && typeof stored['data'] === 'object' && stored['data'] !== null && !Array.isArray(stored['data']) ? Number(stored['data']['turns'] ?? 0) : 0;
          return { format: 1 as const, programVersion: 'test', data: { turns } };
        },
        advance: (state: Parameters<typeof dialog.advance>[0], ...rest: [Parameters<typeof dialog.advance>[1], Parameters<typeof dialog.advance>[2]]) => {
          const step = dialog.advance(state, ...rest);
          return { ...step, state: { ...state, data: { turns: Number(Object(state.data)['turns'] ?? 0) + 1 } } };
        },
      },
    };
  };
  const stored = async (id: string) => intake.store.read((repos) => repos.conversations.loadState(id));

  it('go on where the last one ended, as the store has it', async () => {
    const context = counting();
    const first = await receive(context, aMessage('一'));
    await receive(context, aMessage('二'));
    await receive(context, aMessage('三'));
    expect(await stored(first.conversationId)).toMatchObject({ data: { turns: 3 } });
  });

  it('of a silent turn too: what another process does next is not overlooked', async () => {
    const one = counting();
    const other = { ...counting(), states: createStateMemory() };
    const first = await receive(one, aMessage('一'));
    await receive(other, aMessage('二'));
    intake.script = () => [];
    await receive(one, aMessage('三'));
    await receive(other, aMessage('四'));
    expect(await stored(first.conversationId)).toMatchObject({ data: { turns: 4 } });
  });

  it('begin afresh when a seat has closed the conversation', async () => {
    const context = counting();
    const first = await receive(context, aMessage('一'));
    await close(context, first.conversationId, await intake.seat());
    await receive(context, aMessage('二'));
    expect(restored.at(-1)).toBeNull();
    expect(await stored(first.conversationId)).toMatchObject({ data: { turns: 1 } });
  });
});
