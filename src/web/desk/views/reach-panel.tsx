import type { JSX } from 'preact';
import { dateTime } from '../../shared/format.ts';
import type { AttemptView } from '../api/reach.ts';
import { Chip, type Tone } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';
import { ANSWERS, QUESTIONS } from './outbound/words.ts';
import { REACH_PANEL as w } from './reach-words.ts';

const TONES: Readonly<Record<string, Tone>> = { delivered: 'good', completed: 'good', answered: 'good', failed: 'bad', unknown: 'warn', busy: 'warn', 'no-answer': 'warn', machine: 'warn' };

/** Each attempt to tell the citizen, and what the citizen wishes; nobody's number is here. */
export function ReachPanel({ id, version, changed }: { readonly id: string; readonly version: number; readonly changed: () => void }): JSX.Element | null {
  const desk = useDesk();
  const seat = useSeat();
  const loaded = useLoaded(() => desk.api.reach.of(id), `${id} ${version}`);
  if (loaded.value === null) return loaded.fault === '' ? null : <p class="fault">{w.notLoaded(loaded.fault)}</p>;
  const { attempts, stopped } = loaded.value;
  const keep = async (wish: 'stop' | 'start', place: 'all' | 'sms'): Promise<void> => {
    try {
      await desk.api.reach.wish(id, wish, place);
      desk.alerts.say('info', w.kept);
      loaded.reload();
      changed();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : w.notKept);
    }
  };
  if (attempts.length === 0 && (stopped === null || seat.role === 'department')) return null;
  return (
    <section aria-label={w.title}>
      <h3>{w.title}</h3>
      <ul class="work">
        {attempts.map((attempt) => (
          <li key={attempt.id}>
            <Attempt attempt={attempt} />
          </li>
        ))}
      </ul>
      {stopped === null ? null : (
        <p class="buttons">
          {stopped.all ? <Chip tone="warn">{w.wantsNone}</Chip> : stopped.sms ? <Chip tone="warn">{w.wantsNoTexts}</Chip> : null}
          {stopped.all ? null : (
            <button type="button" onClick={() => void keep('stop', 'all')}>
              {w.stopAll}
            </button>
          )}
          {stopped.all || stopped.sms ? null : (
            <button type="button" onClick={() => void keep('stop', 'sms')}>
              {w.stopTexts}
            </button>
          )}
          {stopped.all || stopped.sms ? (
            <button type="button" onClick={() => void keep('start', 'all')}>
              {w.start}
            </button>
          ) : null}
        </p>
      )}
    </section>
  );
}

function Attempt({ attempt }: { readonly attempt: AttemptView }): JSX.Element {
  const { at, channelName, about, state, stateName, reason, cost, number, endedAt, answers } = attempt;
  return (
    <>
      <time>{dateTime(at)}</time> <b>{channelName}</b> {about} <Chip tone={TONES[state] ?? 'plain'}>{stateName}</Chip>{' '}
      <small class="dim">{[w.attempt(number), ...(endedAt === null || endedAt === at ? [] : [dateTime(endedAt)]), ...(reason === null ? [] : [reason]), ...(cost === null ? [] : [w.cost(cost)])].join(' · ')}</small>
      {answers.length === 0 ? null : <small> {answers.map(answerText).join(' · ')}</small>}
    </>
  );
}

/** `过程 是（按键 1）`; `process.2` is of the second ticket that the call asked about. */
function answerText({ question, keys, answer }: AttemptView['answers'][number]): string {
  const [name = '', nth] = question.split('.');
  const said = [nth === undefined ? known(QUESTIONS, name) : `${known(QUESTIONS, name)} ${nth}`, ...(answer === null ? [] : [known(ANSWERS, answer)])].join(' ');
  return keys === null ? said : `${said}${w.keys(keys)}`;
}

const known = (names: Readonly<Record<string, string>>, name: string): string => Object.entries(names).find(([one]) => one === name)?.[1] ?? name;
