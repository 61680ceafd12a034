import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { InspectionState, InspectionView, QualityFilter } from '../../../shared/quality-types.ts';
import { INSPECTION_PAGE } from '../../api/quality.ts';
import { channelLabel } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { InspectionDetailView } from './inspection-detail.tsx';
import { INSPECTION_STATES, reasonLabel, scoreTone, STATE_TONES } from './labels.ts';
import { INSPECTIONS_VIEW as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30, 90] as const;
const SCORES = ['59', '79', '89'] as const;
const STATES: readonly InspectionState[] = ['sampled', 'appealed', 'told', 'automatic', 'final'];

/** The list with its filters, and the chosen one beside it. J and K go through the list. */
export function InspectionsView({ chosen }: { readonly chosen: string }): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const [state, setState] = useState('');
  const [rule, setRule] = useState('');
  const [seatId, setSeatId] = useState('');
  const [groupId, setGroupId] = useState('');
  const [atMost, setAtMost] = useState('');
  const [days, setDays] = useState(30);
  const [older, setOlder] = useState<readonly InspectionView[]>([]);
  const [ended, setEnded] = useState(false);
  const rules = useLoaded(() => desk.api.quality.rules(), 'rules');
  const seats = useLoaded(async () => (leads ? (await desk.api.quality.figures(desk.now.peek() - 90 * DAY_MS, desk.now.peek() + DAY_MS)).seats : []), 'seats');
  const groups = useLoaded(async () => (leads ? desk.api.quality.groups() : []), 'groups');
  const filter = (): QualityFilter => ({ state, rule, seatId, groupId, atMost, from: Math.max(0, desk.now.peek() - days * DAY_MS) });
  const list = useLoaded(async () => {
    setOlder([]);
    const page = await desk.api.quality.inspections(filter());
    setEnded(page.inspections.length < INSPECTION_PAGE);
    return page;
  }, JSON.stringify([state, rule, seatId, groupId, atMost, days]));
  const rows = [...(list.value?.inspections ?? []), ...older];
  const counts = list.value?.counts ?? null;

  const more = async (): Promise<void> => {
    const last = rows.at(-1);
    if (last === undefined) return;
    try {
      const { inspections } = await desk.api.quality.inspections({ ...filter(), before: last.endedAt, beforeId: last.id });
      setOlder([...older, ...inspections]);
      setEnded(inspections.length < INSPECTION_PAGE);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.couldNotBeRead);
    }
  };
  const step = (by: number): void => {
    const at = rows.findIndex(({ id }) => id === chosen);
    const next = rows[at < 0 ? 0 : at + by];
    if (next !== undefined) location.hash = `#/quality/${next.id}`;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
    if (event.key === 'j' || event.key === 'k') {
      event.preventDefault();
      step(event.key === 'j' ? 1 : -1);
    }
  };

  return (
    <div class={chosen === '' ? 'page split' : 'page split chosen'} onKeyDown={onKey}>
      <section class="list" aria-label={w.inspections}>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <select aria-label={common.state} value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">{common.allStates}</option>
            {STATES.map((name) => (
              <option key={name} value={name}>
                {INSPECTION_STATES[name]}
                {counts === null ? '' : common.inBrackets(counts[name])}
              </option>
            ))}
          </select>
          <select aria-label={common.rules} value={rule} onChange={(event) => setRule(event.currentTarget.value)}>
            <option value="">{w.allRules}</option>
            {rules.value?.rules.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <select aria-label={w.score} value={atMost} onChange={(event) => setAtMost(event.currentTarget.value)}>
            <option value="">{w.allScores}</option>
            {SCORES.map((score) => (
              <option key={score} value={score}>
                {w.andBelow(score)}
              </option>
            ))}
          </select>
          <select aria-label={common.time} value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {DAYS.map((count) => (
              <option key={count} value={count}>
                {w.lastDay(count)}
              </option>
            ))}
          </select>
          {!leads ? null : (
            <select aria-label={common.seat} value={seatId} onChange={(event) => setSeatId(event.currentTarget.value)}>
              <option value="">{w.allSeats}</option>
              {seats.value?.map((one) => (
                <option key={one.seatId} value={one.seatId}>
                  {one.seatName ?? common.seat}
                </option>
              ))}
            </select>
          )}
          {!leads ? null : (
            <select aria-label={common.skillGroups} value={groupId} onChange={(event) => setGroupId(event.currentTarget.value)}>
              <option value="">{w.allSkillGroups}</option>
              {groups.value?.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </form>
        <div class="quality-rows">
          {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
          {list.loading && list.value === null ? <Empty>{common.reading}</Empty> : null}
          {list.value !== null && rows.length === 0 ? <Empty>{w.noMatchingInspectionsA}</Empty> : null}
          <ul>
            {rows.map((one) => (
              <li key={one.id}>
                <a class={one.id === chosen ? 'quality-row current' : 'quality-row'} href={`#/quality/${one.id}`} aria-current={one.id === chosen ? 'true' : undefined}>
                  <span class={`quality-score ${scoreTone(one.score)}`}>{one.score}</span>
                  <span>
                    <b>{one.seatName ?? common.seat}</b> <span class="dim">{channelLabel(one.channel)}</span>
                    <br />
                    <small class="dim">{dateTime(one.endedAt)}</small>
                  </span>
                  <span class="quality-marks">
                    <Chip tone={STATE_TONES[one.state]}>{INSPECTION_STATES[one.state]}</Chip>
                    {one.sampledFor === null ? null : <small class="dim">{reasonLabel(one.sampledFor)}</small>}
                  </span>
                </a>
              </li>
            ))}
          </ul>
          {rows.length === 0 || ended ? null : (
            <button type="button" class="more" onClick={() => void more()}>
              {w.earlierOnes}
            </button>
          )}
        </div>
      </section>
      <section class="detail" aria-label={w.inspection}>
        {chosen === '' ? <Empty>{w.chooseOneOnThe}</Empty> : <InspectionDetailView key={chosen} inspectionId={chosen} rules={rules.value?.rules ?? []} onChanged={list.reload} />}
      </section>
    </div>
  );
}

export function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
