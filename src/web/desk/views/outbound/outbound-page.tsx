import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../../styles/outbound.css';
import { dateTime } from '../../../shared/format.ts';
import type { CampaignView, TargetState, TargetView } from '../../../shared/outbound-types.ts';
import { Chip, Empty, type Tone } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { COMMON as common } from '../../words.ts';
import { WishForm } from './wish-form.tsx';
import { ANSWERS, CAMPAIGN_STATES, CODES, OUTBOUND as w, PURPOSES, QUESTIONS, TARGET_STATES } from './words.ts';

/** 外呼: campaigns, how far they are, and what each call brought. Looks again when the desk's socket says that one went on. */

const TONES: Readonly<Record<CampaignView['state'], Tone>> = { draft: 'plain', running: 'info', paused: 'warn', done: 'good', stopped: 'plain' };
const TARGET_TONES: Readonly<Record<TargetState, Tone>> = { waiting: 'plain', calling: 'info', reached: 'good', unreached: 'warn', refused: 'bad', skipped: 'plain' };
const STATES: readonly TargetState[] = ['calling', 'reached', 'unreached', 'refused', 'waiting', 'skipped'];
/** News comes by the call; the page reads once for many. */
const GATHER_MS = 400;

export const totalOf = ({ tally }: Pick<CampaignView, 'tally'>): number => STATES.reduce((sum, state) => sum + tally[state], 0);
const doneOf = ({ tally }: CampaignView): number => totalOf({ tally }) - tally.waiting - tally.calling;
/** A code that the house has no words for is the vendor's. */
export const codeText = (code: string): string => said(CODES, code);

/** Grows whenever a campaign went on, at most every so often. */
function useNews(): number {
  const desk = useDesk();
  const told = desk.campaignNews.value;
  const [seen, setSeen] = useState(told);
  useEffect(() => {
    if (told === seen) return undefined;
    const timer = setTimeout(() => setSeen(told), GATHER_MS);
    return () => clearTimeout(timer);
  }, [told, seen]);
  return seen;
}

export function OutboundPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const news = useNews();
  const [making, setMaking] = useState(false);
  const list = useLoaded(() => desk.api.outbound.list(), `outbound ${news}`);
  const campaigns = list.value?.campaigns ?? [];
  const channels = list.value?.channels ?? [];
  const chosen = campaigns.find(({ id }) => id === rest);
  return (
    <div class={rest === '' ? 'page split outbound' : 'page split outbound chosen'}>
      <section class="list" aria-label={w.campaigns}>
        <header class="head">
          <h2>{w.campaigns}</h2>
          <button type="button" class="primary" disabled={channels.length === 0} onClick={() => setMaking(true)}>
            {w.make}
          </button>
        </header>
        {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
        {list.value !== null && channels.length === 0 ? <p class="dim note">{w.noChannel}</p> : null}
        {list.value !== null && campaigns.length === 0 ? <Empty>{w.none}</Empty> : null}
        <ul class="link-list">
          {campaigns.map((campaign) => (
            <li key={campaign.id}>
              <a href={`#/outbound/${campaign.id}`} aria-current={campaign.id === rest ? 'true' : undefined}>
                <strong>{campaign.name}</strong>
                <span class="dim">
                  {PURPOSES[campaign.purpose]} {campaign.createdByName} {dateTime(campaign.createdAt)}
                </span>
                <Chip tone={TONES[campaign.state]}>{CAMPAIGN_STATES[campaign.state]}</Chip>
                <Bar campaign={campaign} />
              </a>
            </li>
          ))}
        </ul>
      </section>
      <section class="detail" aria-label={w.state}>
        {chosen === undefined ? <Empty>{w.choose}</Empty> : <Campaign key={chosen.id} campaign={chosen} news={news} onChanged={list.reload} />}
      </section>
      {making ? (
        <WishForm
          channels={channels}
          onClose={() => setMaking(false)}
          onMade={(id) => {
            list.reload();
            location.hash = `#/outbound/${id}`;
          }}
        />
      ) : null}
    </div>
  );
}

function Bar({ campaign }: { readonly campaign: CampaignView }): JSX.Element {
  const [all, done] = [totalOf(campaign), doneOf(campaign)];
  return (
    <progress max={Math.max(1, all)} value={done} aria-label={w.progress(done, all)}>
      {w.progress(done, all)}
    </progress>
  );
}

function Campaign({ campaign, news, onChanged }: { readonly campaign: CampaignView; readonly news: number; readonly onChanged: () => void }): JSX.Element {
  const desk = useDesk();
  const [shown, setShown] = useState<TargetState | ''>('');
  const [stopping, setStopping] = useState(false);
  const [busy, setBusy] = useState(false);
  const { id, state, tally } = campaign;
  const step = async (name: 'start' | 'pause' | 'stop'): Promise<void> => {
    setBusy(true);
    try {
      await desk.api.outbound.step(id, name);
    } catch (error) {
      if (name === 'stop') throw error;
      desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
    } finally {
      setBusy(false);
      onChanged();
    }
  };
  return (
    <>
      <div class="campaign-head">
        <a class="button back" href="#/outbound">
          {w.back}
        </a>
        <h2>{campaign.name}</h2>
        <Chip tone={TONES[state]}>{CAMPAIGN_STATES[state]}</Chip>
        <span class="spring" />
        {state === 'draft' || state === 'paused' ? (
          <button type="button" class="primary" disabled={busy} onClick={() => void step('start')}>
            {state === 'draft' ? w.start : w.goOn}
          </button>
        ) : null}
        {state === 'running' ? (
          <button type="button" disabled={busy} onClick={() => void step('pause')}>
            {w.pause}
          </button>
        ) : null}
        {state === 'done' || state === 'stopped' ? null : (
          <button type="button" class="danger" disabled={busy} onClick={() => setStopping(true)}>
            {w.stop}
          </button>
        )}
      </div>
      <Bar campaign={campaign} />
      <p class="dim" role="status">
        {w.progress(doneOf(campaign), totalOf(campaign))}{common.comma}{STATES.filter((one) => tally[one] > 0).map((one) => `${TARGET_STATES[one]} ${tally[one]}`).join(common.comma)}
      </p>
      <p class="dim">
        {w.settings(campaign.concurrency, campaign.attempts, campaign.retryAfterMinutes, campaign.hours.join(' '))}{campaign.workdaysOnly ? w.workdays : ''}
      </p>
      {campaign.words === null ? null : <blockquote>{campaign.words}</blockquote>}
      <label class="field">
        <span>{w.shown}</span>
        <select value={shown} onChange={(event) => setShown(STATES.find((one) => one === event.currentTarget.value) ?? '')}>
          <option value="">{w.all}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {TARGET_STATES[one]} {tally[one]}
            </option>
          ))}
        </select>
      </label>
      <Targets key={shown} id={id} state={shown === '' ? undefined : shown} news={news} />
      {stopping ? (
        <DialogForm title={w.stop} action={w.stop} danger onClose={() => setStopping(false)} run={() => step('stop')}>
          <p>{w.stopFor}</p>
        </DialogForm>
      ) : null}
    </>
  );
}

const PAGE = 100;

function Targets({ id, state, news }: { readonly id: string; readonly state: TargetState | undefined; readonly news: number }): JSX.Element {
  const desk = useDesk();
  const [pages, setPages] = useState(1);
  const loaded = useLoaded(async () => {
    const rows: TargetView[] = [];
    for (let page = 0; page < pages; page += 1) {
      const next = await desk.api.outbound.targets(id, { state, after: rows.at(-1)?.id });
      rows.push(...next);
      if (next.length < PAGE) break;
    }
    return rows;
  }, `${id} ${state ?? ''} ${pages} ${news}`);
  if (loaded.fault !== '') return <p class="fault">{loaded.fault}</p>;
  const rows = loaded.value ?? [];
  if (loaded.value !== null && rows.length === 0) return <Empty>{w.nobody}</Empty>;
  return (
    <>
      <div class="scroll">
        <table class="targets">
          <thead>
            <tr>
              {[w.ticket, w.state, w.calls, w.keys, w.heard].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Target key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length >= pages * PAGE ? (
        <button type="button" onClick={() => setPages(pages + 1)}>
          {w.more}
        </button>
      ) : null}
    </>
  );
}

/** What the flow keeps for itself is nobody's answer. */
const OWN: readonly string[] = ['outcome', 'ticket', 'tickets', 'refusals'];

function Target({ row }: { readonly row: TargetView }): JSX.Element {
  const answers = Object.entries(row.result).filter(([name]) => !OWN.includes(name));
  return (
    <tr>
      <td>{row.ticketId === null ? '' : <a href={`#/tickets/${row.ticketId}`}>{row.ticketNumber ?? row.ticketId}</a>}</td>
      <td>
        <Chip tone={TARGET_TONES[row.state]}>{TARGET_STATES[row.state]}</Chip> {row.code === null ? '' : codeText(row.code)}
        {row.nextAt === null || row.state !== 'waiting' ? null : <span class="dim"> {w.next} {dateTime(row.nextAt)}</span>}
      </td>
      <td>
        <ol class="calls">
          {row.calls.map((call) => (
            <li key={call.at}>
              {dateTime(call.at)} {codeText(call.state)}
              {call.seconds === null ? '' : ` ${w.seconds(call.seconds)}`}
              {call.code === null || call.code === call.state ? '' : ` ${codeText(call.code)}`}
            </li>
          ))}
        </ol>
      </td>
      <td>
        <Pairs pairs={Object.entries(row.keys)} />
      </td>
      <td>
        <Pairs pairs={answers.map(([name, value]) => [name, said(ANSWERS, value)])} />
      </td>
    </tr>
  );
}

const said = (known: Readonly<Record<string, string>>, name: string): string => Object.entries(known).find(([one]) => one === name)?.[1] ?? name;

/** `process.2`: of the second ticket that was asked about in the call. */
function questionText(name: string): string {
  const [question = '', nth] = name.split('.');
  return `${said(QUESTIONS, question)}${nth === undefined ? '' : ` ${nth}`}`;
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <dl class="pairs">
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{questionText(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
