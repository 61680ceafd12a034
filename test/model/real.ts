import { isAppError } from '../../src/domain/errors.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import type { Repositories, Store } from '../../src/store/contract.ts';
import { aCitizen, anActivityDraft, aNewConversation, anOutboxDraft } from '../factories/index.ts';
import { EXPIRE_MS, LEASE_MS, PLACES, RETRY_MS, START_MS, TAKE, type Answer, type Place, type State, type Step } from './model.ts';

/** The same steps on a real store, by the transactions that the contracts ask for. */
export interface Real {
  play(step: Step): Promise<Answer>;
  /** What is stored now, in the model's words. */
  look(): Promise<Stored>;
}

export interface Stored {
  readonly accepted: readonly (readonly string[])[];
  readonly effects: readonly (readonly string[])[];
  readonly waiting: readonly (readonly string[])[];
  readonly dead: readonly string[];
}

/** The model's state as far as a store shows it. */
export function storedOf(state: State): Stored {
  return {
    accepted: state.accepted,
    effects: state.effects,
    waiting: PLACES.map((talk) => state.rows.filter((row) => row.talk === talk && !row.dead).map(({ id, attempts }) => `${id} after ${attempts}`)),
    dead: state.rows.filter((row) => row.dead).map(({ id }) => id).toSorted(),
  };
}

/** Later than anything that waits. */
const FAR_MS = START_MS * 1_000;

interface Mine {
  skewMs: number;
  held: Map<Place, { readonly fence: number; rows: readonly string[] }>;
}

/** `run` keeps its rows apart from those of other runs on the same store. */
export async function openReal(store: Store, run: string): Promise<Real> {
  const conversations = await store.write(async (repos) => {
    const made: string[] = [];
    for (const talk of PLACES) {
      const citizenId = await repos.citizens.resolve(aCitizen());
      made.push((await repos.conversations.create(aNewConversation({ id: `${run}-${talk}`, citizenId }))).id);
    }
    return made;
  });
  const laneOf = (talk: Place): string => `turn:${run}-${talk}`;
  const rowOf = (id: string): string => `${run} ${id}`;
  const idOf = (row: string): string => row.slice(run.length + 1);
  const nodes: [Mine, Mine] = [{ skewMs: 0, held: new Map() }, { skewMs: 0, held: new Map() }];
  const sent: [number, number] = [0, 0];
  let now = START_MS;
  const clock = (node: Place): number => now + nodes[node].skewMs;
  let ids = 0;
  const newId = (): string => `${run}/${(ids += 1)}`;

  const effect = (repos: Repositories, talk: Place, id: string): Promise<unknown> => repos.activities.append(conversations[talk] ?? '', [anActivityDraft({ id: newId(), direction: 'out', role: 'bot', externalId: null, replyToId: null, content: { type: 'message', text: id } })]);

  const receive = ({ do: how, node, talk }: Extract<Step, { do: 'receive' | 'receive-inline' | 'resend' }>, id: string): Promise<Answer> =>
    store.write(async (repos) => {
      const externalId = asExternalId(`${run} ${id}`);
      if ((await repos.activities.findByExternalId('webchat', externalId)) !== null) return 'duplicate';
      const free = how === 'receive-inline' && (await repos.lanes.passable(laneOf(talk), clock(node)));
      await repos.activities.append(conversations[talk] ?? '', [anActivityDraft({ id: newId(), direction: 'in', externalId, content: { type: 'message', text: id } })]);
      if (free) {
        await effect(repos, talk, id);
        return 'turned at once';
      }
      await repos.outbox.add([anOutboxDraft({ id: rowOf(id), lane: laneOf(talk), kind: 'turn', availableAt: clock(node), blocking: true, now: clock(node) })]);
      return 'queued';
    });

  /** A transaction of the holder about its next row, with the answer that an error stands for. */
  const write = async (node: Place, talk: Place, act: (repos: Repositories, id: string) => Promise<Answer>): Promise<Answer> => {
    const held = nodes[node].held.get(talk);
    const id = held?.rows[0];
    if (held === undefined || id === undefined) return 'nothing';
    try {
      return await store.write(async (repos) => {
        await repos.lanes.assertFence(laneOf(talk), held.fence);
        return act(repos, id);
      });
    } catch (error) {
      if (!isAppError(error) || (error.code !== 'lane.fenced' && error.code !== 'outbox.gone')) throw error;
      nodes[node].held.delete(talk);
      return 'fenced';
    }
  };
  const goOn = (node: Place, talk: Place): void => {
    const held = nodes[node].held.get(talk);
    if (held !== undefined) held.rows = held.rows.slice(1);
  };

  const play = async (step: Step): Promise<Answer> => {
    switch (step.do) {
      case 'receive':
      case 'receive-inline':
        sent[step.talk] += 1;
        return receive(step, `${step.talk}.${sent[step.talk]}`);
      case 'resend':
        return receive(step, `${step.talk}.${sent[step.talk]}`);
      case 'look': {
        const due = await store.read((repos) => repos.outbox.dueLanes(clock(step.node), 10_000));
        return `due ${due.flatMap((lane) => PLACES.filter((talk) => laneOf(talk) === lane)).join(' ')}`;
      }
      case 'acquire': {
        const { node, talk } = step;
        const taken = await store.write(async (repos) => {
          const fence = await repos.lanes.acquire(laneOf(talk), `${run} node ${node}`, clock(node), LEASE_MS);
          return fence === null ? null : { fence, rows: (await repos.outbox.due(laneOf(talk), clock(node), TAKE)).map((row) => row.id) };
        });
        if (taken === null) return 'held by somebody';
        nodes[node].held.set(talk, taken);
        return `fence ${taken.fence}: ${taken.rows.map(idOf).join(' ')}`;
      }
      case 'commit': {
        const { node, talk } = step;
        const answer = await write(node, talk, async (repos, row) => {
          if (!(await repos.outbox.complete(row))) return 'gone';
          await effect(repos, talk, idOf(row));
          return 'done';
        });
        if (answer === 'done') goOn(node, talk);
        return answer;
      }
      case 'retry': {
        const { node, talk } = step;
        const answer = await write(node, talk, async (repos, id) => {
          const [row] = await repos.outbox.due(laneOf(talk), FAR_MS, 1);
          await repos.outbox.reschedule(id, { attempts: (row?.attempts ?? 0) + 1, availableAt: clock(node) + RETRY_MS, error: 'try.again' });
          return 'later';
        });
        const held = nodes[node].held.get(talk);
        if (answer === 'later' && held !== undefined) held.rows = [];
        return answer;
      }
      case 'bury': {
        const { node, talk } = step;
        const answer = await write(node, talk, async (repos, id) => {
          await repos.outbox.bury(id, 'never', clock(node));
          return 'buried';
        });
        if (answer === 'buried') goOn(node, talk);
        return answer;
      }
      case 'renew': {
        const { node, talk } = step;
        const fence = nodes[node].held.get(talk)?.fence ?? 0;
        const kept = await store.write((repos) => repos.lanes.renew(laneOf(talk), fence, clock(node), LEASE_MS));
        if (!kept) nodes[node].held.delete(talk);
        return kept ? 'renewed' : 'lost';
      }
      case 'release': {
        const { node, talk } = step;
        const fence = nodes[node].held.get(talk)?.fence ?? 0;
        await store.write((repos) => repos.lanes.release(laneOf(talk), fence));
        nodes[node].held.delete(talk);
        return 'released';
      }
      case 'crash':
        nodes[step.node].held.clear();
        return '';
      case 'skew':
        nodes[step.node].skewMs = step.ms;
        return '';
      case 'expire':
        now += EXPIRE_MS;
        return '';
      case 'pause':
      case 'resume':
      case 'flush':
      case 'complete':
        return '';
    }
  };

  return {
    play,
    look: () =>
      store.read(async (repos) => {
        const activities = await Promise.all(PLACES.map((talk) => repos.activities.after(conversations[talk] ?? '', 0, 1_000)));
        const texts = (direction: 'in' | 'out') => activities.map((list) => list.flatMap((activity) => (activity.direction === direction && activity.content.type === 'message' ? [activity.content.text] : [])));
        const waiting = await Promise.all(PLACES.map((talk) => repos.outbox.due(laneOf(talk), FAR_MS, 1_000)));
        const dead = (await repos.outbox.dead(10_000)).map(({ id }) => id).filter((id) => id.startsWith(`${run} `));
        return { accepted: texts('in'), effects: texts('out'), waiting: waiting.map((rows) => rows.map(({ id, attempts }) => `${idOf(id)} after ${attempts}`)), dead: dead.map(idOf).toSorted() };
      }),
  };
}
