import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import { DELIVERY_PAGE, type DeliveryState, type DeliveryView, type PartnerView } from '../api/partners.ts';
import { DELIVERY_STATES } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { Table } from '../ui/table.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { PartnerDialog, PartnerKeys, ReplayDialog, ShownOnce } from './partner-dialogs.tsx';
import { PARTNERS_PAGE as w } from './house-words.ts';
import { COMMON as common } from '../words.ts';

type Asking = { readonly what: 'add' } | { readonly what: 'edit' | 'active' | 'secret' | 'replay'; readonly partner: PartnerView };
const STATES: readonly DeliveryState[] = ['waiting', 'delivered', 'dead'];
const TONES = { waiting: 'warn', delivered: 'good', dead: 'bad' } as const;

/** Partner platforms, their keys and what they were sent. Supervisors look and send again, administrators change. */
export function PartnersPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const mayChange = useSeat().role === 'administrator';
  const loaded = useLoaded(() => desk.api.partners.all(), 'partners');
  const [asking, setAsking] = useState<Asking | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [sent, setSent] = useState(0);
  const partners = loaded.value?.partners ?? [];
  const chosen = partners.find(({ id }) => id === rest);
  return (
    <div class="page">
      <section aria-label={w.partners}>
        <header class="head">
          <h2>{w.partners}</h2>
          {mayChange ? (
            <button type="button" class="primary" disabled={loaded.value === null} onClick={() => setAsking({ what: 'add' })}>
              {w.newPartner}
            </button>
          ) : null}
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {loaded.value !== null && partners.length === 0 ? <Empty>{w.noPartnersYet}</Empty> : null}
        {partners.length === 0 ? null : (
          <Table heads={[w.platform, common.state, w.maySee, w.delivery, common.actions]}>
            {partners.map((partner) => (
              <tr key={partner.id} aria-current={partner.id === rest ? 'true' : undefined}>
                <td data-label={w.platform}>
                  {partner.name} <small class="code">{partner.id}</small>
                </td>
                <td data-label={common.state}>
                  <Chip tone={partner.active ? 'good' : 'plain'}>{partner.active ? w.active : w.inactive}</Chip>
                </td>
                <td data-label={w.maySee}>{partner.scope === 'own' ? w.ticketsThisPlatformSent : w.allTicketsThatAre}</td>
                <td data-label={w.delivery}>
                  {partner.webhookUrl === null ? w.noDeliveries : w.kindOfEvents(partner.events.length)}
                  {partner.webhookUrl === null ? null : <small class="code address">{partner.webhookUrl}</small>}
                </td>
                <td class="actions" data-label={common.actions}>
                  <a class="button" href={partner.id === rest ? '#/partners' : `#/partners/${partner.id}`} aria-label={w.keysOf(partner.name)}>
                    {w.keys}
                  </a>
                  <button type="button" disabled={partner.webhookUrl === null} onClick={() => setAsking({ what: 'replay', partner })}>
                    {w.sendAgain}
                  </button>
                  {mayChange ? (
                    <>
                      <button type="button" onClick={() => setAsking({ what: 'edit', partner })}>
                        {common.change}
                      </button>
                      <button type="button" onClick={() => setAsking({ what: 'secret', partner })}>
                        {w.changeSecret}
                      </button>
                      <button type="button" onClick={() => setAsking({ what: 'active', partner })}>
                        {partner.active ? common.deactivate : w.active}
                      </button>
                    </>
                  ) : null}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </section>
      {chosen === undefined ? null : <PartnerKeys key={chosen.id} partner={chosen} mayChange={mayChange} />}
      <Deliveries partners={partners} sent={sent} />
      {asking === null ? null : (
        <Ask
          asking={asking}
          events={loaded.value?.events ?? []}
          onClose={() => setAsking(null)}
          done={(made) => {
            if (made !== null) setSecret(made);
            loaded.reload();
            setSent(sent + 1);
          }}
        />
      )}
      {secret === null ? null : <ShownOnce title={w.copyTheDeliverySecret} secret={secret} note={w.itChecksTheSignatures} onClose={() => setSecret(null)} />}
    </div>
  );
}

/** `done` gets the secret that is shown once, or null. */
function Ask({ asking, events, onClose, done }: { readonly asking: Asking; readonly events: readonly string[]; readonly onClose: () => void; readonly done: (secret: string | null) => void }): JSX.Element {
  const desk = useDesk();
  switch (asking.what) {
    case 'add':
      return <PartnerDialog partner={null} events={events} onClose={onClose} done={done} />;
    case 'edit':
      return <PartnerDialog partner={asking.partner} events={events} onClose={onClose} done={done} />;
    case 'replay':
      return <ReplayDialog partner={asking.partner} onClose={onClose} done={() => done(null)} />;
    case 'secret':
      return (
        <DialogForm title={w.changeTheDeliverySecret(asking.partner.name)} action={w.change} onClose={onClose} run={async () => done(await desk.api.partners.renewSecret(asking.partner.id))}>
          <p>{w.theNewSecretIs}</p>
        </DialogForm>
      );
    case 'active': {
      const { id, name, active } = asking.partner;
      const run = async (): Promise<void> => {
        await desk.api.partners.change(id, { active: !active });
        done(null);
      };
      return (
        <DialogForm title={`${active ? common.deactivate : w.active} ${name}`} action={active ? common.deactivate : w.active} danger={active} onClose={onClose} run={run}>
          <p>{active ? w.itsKeysStopWorking : w.itsKeysWorkAgain}</p>
        </DialogForm>
      );
    }
  }
}

function Deliveries({ partners, sent }: { readonly partners: readonly PartnerView[]; readonly sent: number }): JSX.Element {
  const desk = useDesk();
  const [state, setState] = useState<DeliveryState | ''>('');
  const [partner, setPartner] = useState('');
  const [older, setOlder] = useState<readonly DeliveryView[]>([]);
  const [busy, setBusy] = useState('');
  const list = useLoaded(async () => {
    setOlder([]);
    return desk.api.partners.deliveries({ partner, state });
  }, JSON.stringify([partner, state, sent]));
  const rows = [...(list.value ?? []), ...older];
  const nameOf = (id: string): string => partners.find((one) => one.id === id)?.name ?? id;

  const more = async (): Promise<void> => {
    const last = rows.at(-1);
    if (last === undefined) return;
    try {
      const next = await desk.api.partners.deliveries({ partner, state, before: last.id });
      setOlder([...older, ...next]);
      if (next.length === 0) desk.alerts.say('info', w.noEarlierDeliveries);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.couldNotBeRead);
    }
  };
  const replay = async (id: string): Promise<void> => {
    setBusy(id);
    try {
      await desk.api.partners.replayOne(id);
      desk.alerts.say('info', w.putBackIntoThe);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : w.couldNotBeSent);
    }
    setBusy('');
    list.reload();
  };

  return (
    <section aria-label={w.deliveries}>
      <header class="head">
        <h2>{w.deliveries}</h2>
        <select class="short" aria-label={w.platform} value={partner} onChange={(event) => setPartner(event.currentTarget.value)}>
          <option value="">{w.allPlatforms}</option>
          {partners.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <select class="short" aria-label={w.stateOfDelivery} value={state} onChange={(event) => setState(STATES.find((one) => one === event.currentTarget.value) ?? '')}>
          <option value="">{common.allStates}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {DELIVERY_STATES[one]}
            </option>
          ))}
        </select>
        <button type="button" onClick={list.reload}>
          {common.reload}
        </button>
      </header>
      {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
      {list.value !== null && rows.length === 0 ? <Empty>{w.noDeliveries2}</Empty> : null}
      {rows.length === 0 ? null : (
        <Table heads={[common.time, w.platform, common.tickets, common.state, w.lastAnswer, common.actions]}>
          {rows.map((one) => (
            <tr key={one.id}>
              <td data-label={common.time}>{dateTime(one.createdAt)}</td>
              <td data-label={w.platform}>{nameOf(one.partnerId)}</td>
              <td data-label={common.tickets}>
                <a href={`#/tickets/${one.ticketId}`}>{w.openTheTicket}</a> <small class="dim">{w.event(one.seq)}</small>
              </td>
              <td data-label={common.state}>
                <Chip tone={TONES[one.state]}>{DELIVERY_STATES[one.state]}</Chip> <small class="dim">{w.time(one.attempts)}</small>
              </td>
              <td data-label={w.lastAnswer} class="code">
                {one.lastResult ?? '—'}
              </td>
              <td class="actions" data-label={common.actions}>
                <button type="button" disabled={one.state === 'waiting' || busy === one.id} onClick={() => void replay(one.id)}>
                  {w.sendAgain2}
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {rows.length >= DELIVERY_PAGE ? (
        <button type="button" class="more" onClick={() => void more()}>
          {w.earlierDeliveries}
        </button>
      ) : null}
    </section>
  );
}
