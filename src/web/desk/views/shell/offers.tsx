import type { JSX } from 'preact';
import { channelLabel, citizenLabel, emergencyLabel } from '../../labels.ts';
import type { Offer } from '../../state/queue.ts';
import { Chip } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useAction } from '../../ui/use-action.ts';
import { OFFERS as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** What the queue offers to this seat, with the seconds that are left. The key concerns the first that ends. */
export function Offers(): JSX.Element {
  const desk = useDesk();
  const offers = desk.queue.offers.value;
  const [first] = offers;
  useAction('accept', () => { if (first !== undefined) void accept(first); }, first !== undefined);
  useAction('decline', () => { if (first !== undefined) desk.decline(first.conversationId); }, first !== undefined);
  const accept = async (offer: Offer): Promise<void> => {
    location.hash = '#/conversations';
    await desk.accept(offer.conversationId);
  };
  return (
    <div class="offers" role="region" aria-label={w.conversationsOfferedToYou} aria-live="assertive">
      {offers.map((offer, at) => (
        <Card key={offer.conversationId} offer={offer} keys={at === 0} accept={() => void accept(offer)} />
      ))}
    </div>
  );
}

function Card({ offer, keys, accept }: { readonly offer: Offer; readonly keys: boolean; readonly accept: () => void }): JSX.Element {
  const desk = useDesk();
  const row = desk.state.value.conversations.get(offer.conversationId);
  const emergency = row?.emergency ?? null;
  const groupName = row?.groupName ?? null;
  const note = row?.transferNote ?? null;
  return (
    <section class={`offer${emergency === null ? '' : ' emergency'}`} aria-label={w.conversationsOfferedToYou}>
      <header>
        <b>{offer.kind === 'transfer' ? w.fromAColleague : w.offeredToYou}</b>
        <Seconds until={offer.until} />
      </header>
      <p>
        {row === undefined ? w.newConversation : citizenLabel(row)} {row === undefined ? null : <Chip tone="info">{channelLabel(row.channel)}</Chip>}
        {emergency === null ? null : <Chip tone="bad">{w.emergency(emergencyLabel(emergency.category))}</Chip>}
        {groupName === null ? null : <Chip>{groupName}</Chip>}
      </p>
      {row === undefined || row.preview === '' ? null : <p class="preview">{row.preview}</p>}
      {note === null ? null : (
        <p class="dim">
          {common.labelled(note.fromSeatName ?? common.aColleague, note.note)}
        </p>
      )}
      <div class="buttons">
        <button type="button" class="primary" onClick={accept}>
          {w.accept}{keys ? <kbd>Alt+A</kbd> : null}
        </button>
        <button type="button" onClick={() => desk.decline(offer.conversationId)}>
          {w.decline}{keys ? <kbd>Alt+X</kbd> : null}
        </button>
      </div>
    </section>
  );
}

/** Apart, so that a second redraws a number and nothing is read out again. */
function Seconds({ until }: { readonly until: number }): JSX.Element {
  const left = Math.max(0, Math.ceil((until - useDesk().now.value) / 1000));
  return (
    <span class="seconds" aria-hidden="true">
      {w.s(left)}
    </span>
  );
}
