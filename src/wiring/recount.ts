import { setImmediate as nextTurn } from 'node:timers/promises';
import Type from 'typebox';
import { Value } from 'typebox/value';
import type { CityData } from '../config/city.ts';
import type { Calendar } from '../domain/config-files.ts';
import { codeOf } from '../domain/errors.ts';
import { type IntakeContext, type Log, writeUnit } from '../intake/context.ts';
import { createFollower, type Every } from '../store/follow.ts';
import { readCalendarBody } from '../tickets/catalogue/body.ts';
import { recountClocks } from '../tickets/catalogue/recount.ts';

/** Counts the clocks of open tickets anew once another calendar is in force, on nodes that carry work. */

/** Which calendar the clocks have been counted by, and how far towards the next one. In the store: any node goes on with it. */
const StateSchema = Type.Object({
  version: Type.Integer(),
  towards: Type.Union([Type.Null(), Type.Object({ version: Type.Integer(), createdAt: Type.Number(), id: Type.String() })]),
});
const PLACE = 'house';
const KEY = 'clocks-calendar';

/** @returns how to stop it, and how to have it look now */
export function tendCalendar(context: IntakeContext, given: { readonly files: CityData; /** Version of the calendar in force on this node. */ readonly version: () => number; readonly log: Pick<Log, 'info' | 'warn'>; readonly every?: Every | undefined }): { readonly look: () => Promise<void>; stop(): Promise<void> } {
  const { store, city } = context;
  const { files, version, log } = given;
  let stopping = false;
  let known: number | null = null;

  const calendarOf = async (version: number): Promise<Calendar> => {
    if (version === 0) return files.calendar;
    const found = await store.read((repos) => repos.catalogues.get('calendar', version));
    return found === null ? files.calendar : readCalendarBody(found.body);
  };

  const look = async (): Promise<void> => {
    const published = version();
    if (published === known) return;
    const text = await store.read((repos) => repos.channelState.get(PLACE, KEY, context.now()));
    const found: unknown = text === null ? null : JSON.parse(text);
    const state = Value.Check(StateSchema, found) ? found : { version: 0, towards: null };
    if (state.version !== published) {
      const keep = (given: typeof state): Promise<void> => store.write((repos) => repos.channelState.put(PLACE, KEY, JSON.stringify(given), null));
      const { tickets, moved } = await recountClocks(
        {
          city, clock: context.clock, now: context.now, newId: context.newId, store, hears: (type, ticket) => context.hears?.(type, ticket) ?? false,
          write: (fn) => writeUnit(context, fn),
          failed: (code, ticketId) => log.warn({ code, ticketId }, 'a ticket could not be counted by the new calendar: its due times stay'),
        },
        {
          from: await calendarOf(state.version), to: await calendarOf(published), version: published, after: state.towards?.version === published ? state.towards : null,
          onPage: async (place) => {
            await keep({ version: state.version, towards: { version: published, ...place } });
            // Citizens' turns come between two pages.
            await nextTurn();
            return !stopping;
          },
        },
      );
      if (stopping) return;
      await keep({ version: published, towards: null });
      log.info({ version: published, tickets, moved }, 'clocks of open tickets counted by the calendar in force');
    }
    known = published;
  };

  const follower = createFollower({ look, troubled: (error) => log.warn({ code: codeOf(error) }, 'clocks could not be counted by the new calendar: tried again'), every: given.every });
  follower.start();
  return {
    look: follower.look,
    stop: () => {
      stopping = true;
      return follower.stop();
    },
  };
}
