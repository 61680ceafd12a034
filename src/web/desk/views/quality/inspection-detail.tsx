import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { InspectionView, QualityMove, QualityRuleView } from '../../../shared/quality-types.ts';
import { channelLabel } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { FindingsList } from './findings-list.tsx';
import { JudgeForm } from './judge-form.tsx';
import { MarkedTranscript } from './marked-transcript.tsx';
import { INSPECTION_STATES, isMove, MOVE_KEYS, MOVES, reasonLabel, scoreTone, STATE_TONES } from './labels.ts';
import { INSPECTION_DETAIL as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** One inspection: what was said with the evidence marked, what was found, and what may be done. */
export function InspectionDetailView({ inspectionId, rules, onChanged }: { readonly inspectionId: string; readonly rules: readonly QualityRuleView[]; readonly onChanged: () => void }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.quality.one(inspectionId), inspectionId);
  const [asked, setAsked] = useState<QualityMove | null>(null);
  const [current, setCurrent] = useState(0);
  const page = useRef<HTMLDivElement>(null);
  const detail = loaded.value;
  const moves = detail?.moves.filter(isMove) ?? [];
  const changed = (): void => {
    loaded.reload();
    onChanged();
  };
  const show = (number: number): void => {
    setCurrent(number);
    page.current?.querySelector(`[data-finding="${number}"]`)?.scrollIntoView({ block: 'center' });
  };

  // Keys of the page, wherever in it the focus is. At once: the next key counts from where this one led.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const inField = event.target instanceof HTMLElement && (['INPUT', 'TEXTAREA', 'SELECT'].includes(event.target.tagName) || event.target.closest('dialog') !== null);
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || inField || asked !== null || detail === null) return;
      const numbers = detail.findings.map(({ number }) => number);
      const move = moves.find((name) => MOVE_KEYS[name] === event.key);
      if (move !== undefined) setAsked(move);
      else if (event.key === 'n' || event.key === 'p') {
        const at = numbers.indexOf(current) + (event.key === 'n' ? 1 : -1);
        const next = numbers[Math.min(Math.max(at, 0), numbers.length - 1)];
        if (next !== undefined) show(next);
      } else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });

  if (detail === null) return loaded.fault === '' ? <Empty>{common.reading}</Empty> : <p class="fault">{loaded.fault}</p>;
  const { inspection, findings, activities } = detail;
  return (
    <div class="inspection" ref={page}>
      <header class="inspection-head">
        <a class="inspection-back" href="#/quality">
          {w.backToTheList}
        </a>
        <span class={`quality-score large ${scoreTone(inspection.score)}`} aria-label={w.score(inspection.score)}>
          {inspection.score}
        </span>
        <div class="inspection-who">
          <h2>{inspection.seatName ?? common.seat}</h2>
          <p class="dim">
            {w.toRules(channelLabel(inspection.channel), dateTime(inspection.startedAt), dateTime(inspection.endedAt), inspection.rulesVersion)}<a href={`#/conversations/${inspection.conversationId}`}>{w.openTheConversation}</a>
          </p>
          <p class="line wrap">
            <Chip tone={STATE_TONES[inspection.state]}>{INSPECTION_STATES[inspection.state]}</Chip>
            {inspection.sampledFor === null || inspection.sampledFor === 'fatal' ? null : <Chip>{reasonLabel(inspection.sampledFor)}</Chip>}
            {inspection.fatal ? <Chip tone="bad">{w.withFatalFindings}</Chip> : null}
            {inspection.score === inspection.automaticScore ? null : <Chip tone="info">{w.byTheRules(inspection.automaticScore)}</Chip>}
            {inspection.state === 'appealed' && !moves.includes('rejudge') ? <Chip>{w.toBeDecidedBy}</Chip> : null}
            {inspection.state === 'told' && inspection.appealBy !== null ? <Chip tone="warn">{w.appealUntil(dateTime(inspection.appealBy))}</Chip> : null}
          </p>
        </div>
        <p class="buttons">
          {moves.map((name) => (
            <button key={name} type="button" class={name === 'judge' || name === 'rejudge' || name === 'accept' ? 'primary' : ''} aria-keyshortcuts={MOVE_KEYS[name]} onClick={() => setAsked(name)}>
              {MOVES[name]} <kbd>{MOVE_KEYS[name].toUpperCase()}</kbd>
            </button>
          ))}
        </p>
      </header>
      <Words inspection={inspection} />
      <div class="inspection-body">
        <MarkedTranscript activities={activities} findings={findings} current={current} onChoose={setCurrent} />
        <FindingsList findings={findings} current={current} onChoose={show} />
      </div>
      {asked === null ? null : (
        <JudgeForm move={asked} detail={detail} rules={rules} onClose={() => setAsked(null)} onDone={changed} />
      )}
    </div>
  );
}

function Words({ inspection: { inspectorName, judgedAt, note, appeal, appealedAt, rejudgedByName, rejudgement, finalAt, seatName } }: { readonly inspection: InspectionView }): JSX.Element | null {
  const rows = [
    judgedAt === null ? null : { who: w.reviewOn(inspectorName ?? w.anInspector), at: judgedAt, words: note ?? '' },
    appealedAt === null ? null : { who: w.appealBy(seatName ?? common.seat), at: appealedAt, words: appeal ?? '' },
    rejudgement === null || finalAt === null ? null : { who: w.decisionBy(rejudgedByName ?? w.anInspector), at: finalAt, words: rejudgement },
  ].filter((row) => row !== null);
  if (rows.length === 0) return null;
  return (
    <ol class="inspection-words" aria-label={w.whatWasDone}>
      {rows.map(({ who, at, words }) => (
        <li key={who}>
          <b>{who}</b> <time class="dim">{dateTime(at)}</time>
          {words === '' ? null : <p class="text">{words}</p>}
        </li>
      ))}
    </ol>
  );
}
