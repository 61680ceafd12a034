import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { ask, untilAnswered, type World } from '../world.ts';

const SessionShape = Type.Object({ csrf: Type.String() });
const ConversationsShape = Type.Object({ conversations: Type.Array(Type.Object({ citizen: Type.Object({ id: Type.String() }) })) });
const PAUSE_MS = 60;

/** A seat who looks identities up: each look leaves a row in the trail. Returns the purposes of those that were granted. */
export async function seat(world: World, password: string, finished: () => boolean): Promise<readonly string[]> {
  const granted: string[] = [];
  const json = { 'content-type': 'application/json' };
  let cookie = '';
  const { csrf } = await untilAnswered(world, async () => {
    const response = await fetch(`${world.url}/api/session`, { method: 'POST', headers: json, body: JSON.stringify({ username: 'admin', password }), signal: AbortSignal.timeout(10_000) });
    const session: unknown = await response.json();
    if (!Value.Check(SessionShape, session)) return null;
    cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
    return session;
  });
  const headers = { ...json, cookie, 'x-csrf-token': csrf };
  for (let turn = 1; !finished(); turn += 1) {
    await world.up();
    const purpose = `核对第 ${turn} 次`;
    if (await lookUp(world, headers, purpose).catch(() => false)) granted.push(purpose);
    await sleep(PAUSE_MS);
  }
  return granted;
}

async function lookUp(world: World, headers: Record<string, string>, purpose: string): Promise<boolean> {
  const list = await ask(`${world.url}/api/conversations?view=all&limit=1`, { headers }, ConversationsShape);
  const citizenId = list?.conversations[0]?.citizen.id;
  if (citizenId === undefined) return false;
  const response = await fetch(`${world.url}/api/citizens/${citizenId}/unmask`, { method: 'POST', headers, body: JSON.stringify({ purpose }), signal: AbortSignal.timeout(10_000) });
  if (response.status !== 200) return false;
  world.count('looked');
  return true;
}
