import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { PartnerKeyView, PartnerView } from '../api/partners.ts';
import { eventLabel } from '../labels.ts';
import { Chip, Empty, Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { Table } from '../ui/table.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { PARTNER_DIALOGS as w } from './house-words.ts';
import { COMMON as common } from '../words.ts';

/** A secret that the server tells once. */
export function ShownOnce({ title, secret, note, onClose }: { readonly title: string; readonly secret: string; readonly note: string; readonly onClose: () => void }): JSX.Element {
  return (
    <DialogForm title={title} action={w.iHaveSavedIt} onClose={onClose} run={async () => onClose()}>
      <p class="code">{secret}</p>
      <p class="dim">{note}</p>
    </DialogForm>
  );
}

/** A new partner (`partner` null), or what one may be told. `done` gets a new partner's webhook secret. */
export function PartnerDialog({ partner, events, onClose, done }: { readonly partner: PartnerView | null; readonly events: readonly string[]; readonly onClose: () => void; readonly done: (secret: string | null) => void }): JSX.Element {
  const desk = useDesk();
  const [id, setId] = useState('');
  const [name, setName] = useState(partner?.name ?? '');
  const [url, setUrl] = useState(partner?.webhookUrl ?? '');
  const [scope, setScope] = useState(partner?.scope ?? 'own');
  const [wanted, setWanted] = useState<readonly string[]>(partner?.events ?? events);

  const run = async (): Promise<void> => {
    const given = { name: name.trim(), webhookUrl: url.trim() === '' ? null : url.trim(), scope, events: events.filter((event) => wanted.includes(event)) };
    if (partner === null) done(await desk.api.partners.add(id.trim(), given));
    else {
      await desk.api.partners.change(partner.id, given);
      done(null);
    }
  };

  return (
    <DialogForm title={partner === null ? w.newPartner : w.change(partner.name)} action={partner === null ? w.create : common.save} onClose={onClose} run={run}>
      {partner === null ? (
        <Field label={w.id} hint={w.smallLettersDigitsHyphens}>
          <input value={id} onInput={(event) => setId(event.currentTarget.value)} required pattern="[a-z0-9\-]{2,40}" autocomplete="off" autocapitalize="off" />
        </Field>
      ) : null}
      <Field label={common.name}>
        <input value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={80} />
      </Field>
      <Field label={w.maySee}>
        <select value={scope} onChange={(event) => setScope(event.currentTarget.value === 'all' ? 'all' : 'own')}>
          <option value="own">{w.ticketsThisPlatformSent}</option>
          <option value="all">{w.allTicketsThatAre}</option>
        </select>
      </Field>
      <Field label={w.deliveryAddress} hint={w.httpOrHttpsEmpty}>
        <input type="url" value={url} onInput={(event) => setUrl(event.currentTarget.value)} maxLength={2000} />
      </Field>
      <details>
        <summary>
          {w.eventsSubscribedTo(wanted.length, events.length)}
        </summary>
        <fieldset class="choices">
          <legend class="dim">{w.toldWhenTheseHappen}</legend>
          {events.map((event) => (
            <label key={event} class="check">
              <input type="checkbox" checked={wanted.includes(event)} onChange={({ currentTarget }) => setWanted(currentTarget.checked ? [...wanted, event] : wanted.filter((one) => one !== event))} />
              {eventLabel(event)}
            </label>
          ))}
        </fieldset>
      </details>
    </DialogForm>
  );
}

export function ReplayDialog({ partner, onClose, done }: { readonly partner: PartnerView; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [since, setSince] = useState('');
  const [deadOnly, setDeadOnly] = useState(true);
  const run = async (): Promise<void> => {
    const count = await desk.api.partners.replaySince(partner.id, new Date(since).getTime(), deadOnly);
    desk.alerts.say('info', count === 0 ? w.nothingToSendAgain : w.deliveryPutBackInto(count));
    done();
  };
  return (
    <DialogForm title={w.sendAgainTo(partner.name)} action={w.sendAgain} onClose={onClose} run={run}>
      <Field label={w.sinceWhen}>
        <input type="datetime-local" value={since} onInput={(event) => setSince(event.currentTarget.value)} required />
      </Field>
      <label class="check">
        <input type="checkbox" checked={deadOnly} onChange={(event) => setDeadOnly(event.currentTarget.checked)} />
        {w.onlyWhatWasNot}
      </label>
    </DialogForm>
  );
}

/** Keys by which a partner's system reads and files tickets. */
export function PartnerKeys({ partner, mayChange }: { readonly partner: PartnerView; readonly mayChange: boolean }): JSX.Element {
  const desk = useDesk();
  const keys = useLoaded(() => desk.api.partners.keys(partner.id), partner.id);
  const [making, setMaking] = useState(false);
  const [name, setName] = useState('');
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<PartnerKeyView | null>(null);
  const stateOf = (key: PartnerKeyView): JSX.Element => {
    if (key.revokedAt !== null) return <Chip>{w.revoked}</Chip>;
    return key.expiresAt !== null && key.expiresAt <= desk.now.value ? <Chip tone="warn">{common.expired}</Chip> : <Chip tone="good">{common.valid}</Chip>;
  };
  return (
    <section aria-label={w.partnerKeys}>
      <header class="head">
        <h2>{w.keysOf(partner.name)}</h2>
        {mayChange ? (
          <button type="button" onClick={() => setMaking(true)}>
            {w.newKey}
          </button>
        ) : null}
      </header>
      {keys.fault === '' ? null : <p class="fault">{keys.fault}</p>}
      {keys.value?.length === 0 ? <Empty>{w.noKeysYet}</Empty> : null}
      {keys.value === null || keys.value.length === 0 ? null : (
        <Table heads={[common.purpose, common.state, w.made, w.validUntil, common.actions]}>
          {keys.value.map((key) => (
            <tr key={key.id}>
              <td data-label={common.purpose}>{key.name}</td>
              <td data-label={common.state}>{stateOf(key)}</td>
              <td data-label={w.made}>{dateTime(key.createdAt)}</td>
              <td data-label={w.validUntil}>{key.expiresAt === null ? w.noEnd : dateTime(key.expiresAt)}</td>
              <td class="actions" data-label={common.actions}>
                {mayChange ? (
                  <button type="button" disabled={key.revokedAt !== null} aria-label={w.revoke(key.name)} onClick={() => setRevoking(key)}>
                    {w.revoke2}
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {making ? (
        <DialogForm
          title={w.partnerKeyMade}
          action={w.create}
          onClose={() => setMaking(false)}
          run={async () => {
            setMade(await desk.api.partners.addKey(partner.id, name.trim()));
            setName('');
            keys.reload();
          }}
        >
          <Field label={common.purpose} hint={w.forExampleTheSystems}>
            <input value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={80} />
          </Field>
        </DialogForm>
      ) : null}
      {made === null ? null : <ShownOnce title={w.copyThePartnersKey} secret={made} note={w.itCannotBeSeen} onClose={() => setMade(null)} />}
      {revoking === null ? null : (
        <DialogForm
          title={w.revoke(revoking.name)}
          action={w.revoke2}
          danger
          onClose={() => setRevoking(null)}
          run={async () => {
            await desk.api.partners.revokeKey(partner.id, revoking.id);
            keys.reload();
          }}
        >
          <p>{w.systemsWithThisKey}</p>
        </DialogForm>
      )}
    </section>
  );
}
