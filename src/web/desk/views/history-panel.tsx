import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import type { EarlierView } from '../../shared/desk-work-types.ts';
import { dateTime } from '../../shared/format.ts';
import { channelLabel, OWNERS } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { ActivityLine, isShown } from './message.tsx';
import { HISTORY_PANEL as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

/** The same citizen on all channels, newest first. Reading one takes nothing over. */
export function HistoryPanel({ conversation }: { readonly conversation: ConversationView }): JSX.Element {
  const desk = useDesk();
  const [reading, setReading] = useState<EarlierView | null>(null);
  const found = useLoaded(() => desk.api.deskWork.history(conversation.citizen.id), conversation.citizen.id);
  const others = (found.value ?? []).filter((one) => one.id !== conversation.id);
  if (found.fault !== '') return <p class="fault">{found.fault}</p>;
  return (
    <>
      {found.value !== null && others.length === 0 ? <Empty>{w.thisCitizenHasNo}</Empty> : null}
      <ul class="history">
        {others.map((one) => (
          <li key={one.id}>
            <button type="button" class="row" onClick={() => setReading(one)}>
              <span class="line">
                <Chip tone="info">{channelLabel(one.channel)}</Chip>
                <Chip>{OWNERS[one.owner]}</Chip>
                <time>{dateTime(one.lastActivityAt)}</time>
              </span>
              {one.lastCitizen === null ? null : <span class="words">{w.citizen(one.lastCitizen)}</span>}
              {one.lastAnswer === null ? null : <span class="words dim">{w.answer(one.lastAnswer)}</span>}
            </button>
          </li>
        ))}
      </ul>
      {reading === null ? null : <Earlier earlier={reading} onClose={() => setReading(null)} />}
    </>
  );
}

function Earlier({ earlier, onClose }: { readonly earlier: EarlierView; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const found = useLoaded(() => desk.api.conversation(earlier.id), earlier.id);
  const receipts = new Map((found.value?.receipts ?? []).map((receipt) => [receipt.activityId, receipt]));
  const activities = found.value?.activities ?? [];
  return (
    <Dialog title={w.began(channelLabel(earlier.channel), dateTime(earlier.createdAt))} onClose={onClose} className="wide">
      {found.fault === '' ? null : <p class="fault">{found.fault}</p>}
      <div class="transcript earlier" role="log" aria-label={w.contactHistory} tabIndex={0}>
        {(activities[0]?.seq ?? 1) > 1 ? <p class="day">{w.earlierOnesAreNot((activities[0]?.seq ?? 1) - 1)}</p> : null}
        {activities.filter(isShown).map((activity) => (
          <ActivityLine key={activity.id} activity={activity} receipt={receipts.get(activity.id)} enlarge={({ href }) => void open(href, '_blank', 'noopener')} />
        ))}
      </div>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {common.close}
        </button>
      </div>
    </Dialog>
  );
}
