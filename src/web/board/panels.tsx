import type { ComponentChildren, JSX } from 'preact';
import type { BoardCounts, BoardPicture, BoardRate, BoardStates } from '../shared/board-types.ts';
import { clockTime } from '../shared/format.ts';
import { Chart } from './chart.tsx';
import { barsOption, itemsOption, ratesOption, trendOption, type Look } from './charts.ts';
import { channelName, grouped, lasted, percent, rounded, stateName, TICKET_STATES, type Lang, type Word } from './strings.ts';

export interface View {
  readonly say: (word: Word, given?: Readonly<Record<string, string | number>>) => string;
  readonly lang: Lang;
  readonly theme: Look['theme'];
  readonly moves: boolean;
}

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

function Panel({ name, title, note, children }: { readonly name: string; readonly title: string; readonly note?: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class={`panel panel-${name}`} aria-labelledby={`title-${name}`}>
      <h2 id={`title-${name}`}>
        {title}
        {note === undefined ? null : <small>{note}</small>}
      </h2>
      {children}
    </section>
  );
}

interface TableProps {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly [name: string, ...values: readonly string[]])[];
}

/** For screen readers: a chart shows the same. */
function Table({ caption, head, rows }: TableProps): JSX.Element {
  return (
    <div class="unseen">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((text) => (
              <th scope="col" key={text}>{text}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...values]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, index) => (
                <td key={head[index + 1]}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Nothing({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="nothing">{children}</p>;
}

/* ---- figures on top ---------------------------------------------------------------------------------------------- */

function Tile({ label, value, tone, children }: { readonly label: string; readonly value: string; readonly tone?: 'good' | 'bad' | undefined; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <li class={tone === undefined ? 'tile' : `tile ${tone}`}>
      <span class="label">{label}</span>
      <strong>{value}</strong>
      <span class="under">{children}</span>
    </li>
  );
}

/** +3.2%, −1.2%; null: yesterday was nothing to compare with. */
function compared(now: number, before: number): string | null {
  if (before === 0) return null;
  const change = now / before - 1;
  return `${change < 0 ? '−' : '+'}${percent(Math.abs(change))}`;
}

function RateTile({ rate, label, window, view, more }: { readonly rate: BoardRate | undefined; readonly label: string; readonly window: string; readonly view: View; readonly more?: string | undefined }): JSX.Element {
  const { say } = view;
  const value = rate?.value ?? null;
  const target = rate?.target ?? null;
  const met = value === null || target === null ? null : value >= target;
  return (
    <Tile label={`${label} · ${window}`} value={value === null ? say('unknown') : percent(value)} tone={met === null ? undefined : met ? 'good' : 'bad'}>
      {value === null ? say('noData') : [target === null ? '' : `${say('target', { value: rounded(target) })} ${say(met === true ? 'met' : 'missed')}`, more ?? ''].filter((part) => part !== '').join(' · ')}
    </Tile>
  );
}

export function Figures({ picture, elapsed, view }: { readonly picture: BoardPicture; readonly elapsed: number; readonly view: View }): JSX.Element {
  const { say, lang } = view;
  const { counts, states } = picture;
  const waiting = states.groups.reduce((total, { waiting: here }) => total + here, 0);
  const longest = Math.max(-1, ...states.groups.map(({ longestMs }) => longestMs ?? -1));
  const open = Object.values(states.tickets.byState).reduce((total, amount) => total + amount, 0);
  const waitMs = counts?.waitMs ?? null;
  const change = counts === null || counts.yesterday === null ? null : compared(counts.today.received, counts.yesterday.received);
  const rateOf = (list: readonly BoardRate[] | undefined, name: string): BoardRate | undefined => list?.find((rate) => rate.name === name);
  return (
    <ul class="tiles">
      <Tile label={say('received')} value={counts === null ? say('unknown') : grouped(counts.today.received, lang)}>
        {counts === null ? say('never') : [`${say('begun')} ${grouped(counts.today.begun, lang)}`, ...(change === null ? [] : [say('vsYesterday', { change })])].join(' · ')}
      </Tile>
      <Tile label={say('waiting')} value={grouped(waiting, lang)} tone={longest + elapsed > LONG_WAIT_MS ? 'bad' : undefined}>
        {waiting === 0 ? say('nobodyWaits') : `${say('longest')} ${lasted(longest + elapsed, lang)}`}
      </Tile>
      <RateTile rate={rateOf(counts?.service, 'connected')} label={say('connected')} window={say('last24')} view={view} />
      <RateTile rate={rateOf(counts?.service, 'prompt')} label={say('prompt')} window={say('last24')} view={view} more={waitMs === null ? undefined : say('averageWait', { time: lasted(waitMs, lang) })} />
      <Tile label={say('open')} value={grouped(open, lang)}>
        <b class={states.tickets.overdue > 0 ? 'late' : ''}>{say('overdue')} {grouped(states.tickets.overdue, lang)}</b>
        {counts === null ? '' : ` · ${say('openedToday', { amount: grouped(counts.today.opened, lang) })}`}
      </Tile>
      <RateTile rate={rateOf(counts?.quality, 'satisfied')} label={say('satisfied')} window={say('last30')} view={view} more={counts === null ? undefined : say('ratings', { amount: grouped(counts.ratings, lang) })} />
    </ul>
  );
}

const LONG_WAIT_MS = 120_000;

/* ---- panels ------------------------------------------------------------------------------------------------------ */

export function Channels({ counts, view: { say, lang } }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  const most = Math.max(1, ...(counts?.channels ?? []).map(({ received }) => received));
  return (
    <Panel name="channels" title={say('channels')}>
      {counts === null ? <Nothing>{say('never')}</Nothing> : (
        <table class="figures">
          <caption class="unseen">{say('channels')}</caption>
          <thead><tr><th scope="col">{say('channel')}</th><th scope="col">{say('messages')}</th><th scope="col">{say('conversations')}</th></tr></thead>
          <tbody>
            {counts.channels.map(({ channel, received, begun }) => (
              <tr key={channel}>
                <th scope="row">{channelName(channel, lang)}<meter class="bar" min={0} max={most} value={received} aria-hidden="true" /></th>
                <td>{grouped(received, lang)}</td>
                <td>{grouped(begun, lang)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

export function Queues({ states, elapsed, view: { say, lang } }: { readonly states: BoardStates; readonly elapsed: number; readonly view: View }): JSX.Element {
  const shown = states.groups.toSorted((left, right) => right.waiting - left.waiting || (right.longestMs ?? 0) - (left.longestMs ?? 0)).slice(0, QUEUES);
  return (
    <Panel name="queue" title={say('queue')} note={`${say('bot')} ${grouped(states.conversations.bot, lang)} · ${say('human')} ${grouped(states.conversations.human, lang)}`}>
      <table class="figures">
        <caption class="unseen">{say('queue')}</caption>
        <thead><tr><th scope="col">{say('group')}</th><th scope="col">{say('people')}</th><th scope="col">{say('longest')}</th></tr></thead>
        <tbody>
          {shown.map(({ id, name, waiting, longestMs }) => (
            <tr key={id} class={longestMs !== null && longestMs + elapsed > LONG_WAIT_MS ? 'bad' : ''}>
              <th scope="row">{name}</th>
              <td>{grouped(waiting, lang)}</td>
              <td>{longestMs === null ? say('unknown') : lasted(longestMs + elapsed, lang)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

const QUEUES = 5;
const SEAT_STATES = [['online', 'online'], ['busy', 'busy'], ['wrap-up', 'wrapUp'], ['break', 'break'], ['away', 'away'], ['offline', 'offline']] as const satisfies readonly (readonly [keyof BoardStates['seats'], Word])[];

export function Seats({ states, view: { say, lang } }: { readonly states: BoardStates; readonly view: View }): JSX.Element {
  return (
    <Panel name="seats" title={say('seats')}>
      <ul class="seats">
        {SEAT_STATES.map(([state, word]) => (
          <li key={state} class={`seat-${state}`}>
            <strong>{grouped(states.seats[state], lang)}</strong>
            <span>{say(word)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Steps of the heat: by the most of today, so that the map tells where, and the numbers tell how much. */
const HEATS = 5;

export function Towns({ counts, view: { say, lang } }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  if (counts === null) return <Panel name="towns" title={say('towns')}><Nothing>{say('never')}</Nothing></Panel>;
  const most = Math.max(1, ...counts.towns.map(({ amount }) => amount));
  const heat = (amount: number): number => (amount === 0 ? 0 : Math.max(1, Math.ceil((amount / most) * HEATS)));
  const placed = counts.towns.filter(({ row, column }) => row !== null && column !== null);
  const others = counts.towns.filter(({ row }) => row === null);
  const columns = Math.max(0, ...placed.map(({ column }) => column ?? 0)) + 1;
  const rows = Math.max(0, ...placed.map(({ row }) => row ?? 0)) + 1;
  const cells = Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_cell, column) => placed.find((town) => town.row === row && town.column === column) ?? null));
  const list = counts.towns.toSorted((left, right) => right.amount - left.amount).filter(({ amount }) => amount > 0);
  return (
    <Panel name="towns" title={say('towns')} note={say('townsNote')}>
      <div class="map" aria-hidden="true">
        {cells.map((line, row) => (
          <div class="map-row" key={row}>
            {line.map((town, column) => (town === null ? <span class="cell gap" key={column} /> : (
              <span class={`cell heat-${heat(town.amount)}`} key={town.id}><span class={town.name.length > 4 ? 'long' : ''}>{town.name}</span><b>{grouped(town.amount, lang)}</b></span>
            )))}
          </div>
        ))}
        {others.length === 0 ? null : <div class="map-row others">{others.map(({ id, name, amount }) => <span class={`cell heat-${heat(amount)}`} key={id}><span>{name}</span><b>{grouped(amount, lang)}</b></span>)}</div>}
      </div>
      <p class="scale" aria-hidden="true">{say('fewer')}{Array.from({ length: HEATS + 1 }, (_, step) => <i class={`heat-${step}`} key={step} />)}{say('more')}</p>
      <ol class="town-list" aria-hidden="true">
        {list.slice(0, TOWNS).map(({ id, name, amount }) => <li key={id}><span>{name}</span><b>{grouped(amount, lang)}</b></li>)}
      </ol>
      <Table caption={say('towns')} head={[say('town'), say('amount')]} rows={counts.towns.map(({ name, amount }) => [name, grouped(amount, lang)])} />
    </Panel>
  );
}

const TOWNS = 10;

export function Trend({ counts, view }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  const { say, lang, theme, moves } = view;
  const names = { received: say('messages'), opened: say('opened') };
  return (
    <Panel name="trend" title={say('trend')}>
      {counts === null ? <Nothing>{say('never')}</Nothing> : (
        <>
          <Chart option={(look) => trendOption(counts, names, look)} of={counts} theme={theme} moves={moves} />
          <Table caption={say('trend')} head={[say('hour'), names.received, names.opened]} rows={counts.hours.map(({ at, received, opened }) => [clockTime(at), grouped(received, lang), grouped(opened, lang)])} />
        </>
      )}
    </Panel>
  );
}

export function RatesTrend({ counts, view }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  const { say, theme, moves } = view;
  const names = { connected: say('connected'), prompt: say('prompt') };
  const shown = (share: number | null): string => (share === null ? say('noData') : percent(share));
  return (
    <Panel name="rates" title={say('ratesTrend')}>
      {counts === null ? <Nothing>{say('never')}</Nothing> : (
        <>
          <Chart option={(look) => ratesOption(counts, names, look)} of={counts} theme={theme} moves={moves} />
          <Table caption={say('ratesTrend')} head={[say('hour'), names.connected, names.prompt]} rows={counts.hours.map(({ at, connected, prompt }) => [clockTime(at), shown(connected), shown(prompt)])} />
        </>
      )}
    </Panel>
  );
}

export function Fields({ counts, view }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  const { say, lang, theme, moves } = view;
  return (
    <Panel name="fields" title={say('fields')}>
      {counts === null || counts.fields.length === 0 ? <Nothing>{say(counts === null ? 'never' : 'noData')}</Nothing> : (
        <>
          <Chart option={(look) => barsOption(counts.fields.map(({ field, amount }) => ({ name: field, amount })), look)} of={counts} theme={theme} moves={moves} />
          <Table caption={say('fields')} head={[say('field'), say('amount')]} rows={counts.fields.map(({ field, amount }) => [field, grouped(amount, lang)])} />
        </>
      )}
    </Panel>
  );
}

export function Items({ counts, view }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  const { say, lang, theme, moves } = view;
  return (
    <Panel name="items" title={say('itemTrend')}>
      {counts === null || counts.items.length === 0 ? <Nothing>{say(counts === null ? 'never' : 'noData')}</Nothing> : (
        <>
          <Chart option={(look) => itemsOption(counts, look)} of={counts} theme={theme} moves={moves} />
          <Table caption={say('items')} head={[say('item'), say('amount')]} rows={counts.items.map(({ name, amount }) => [name, grouped(amount, lang)])} />
        </>
      )}
    </Panel>
  );
}

export function Rising({ counts, view: { say, lang } }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  const rising = counts?.rising ?? null;
  return (
    <Panel name="rising" title={say('rising')} note={counts === null ? undefined : say('risingNote', { hours: counts.recentHours })}>
      {counts === null ? <Nothing>{say('never')}</Nothing> : rising === null ? <Nothing>{say('tooYoung')}</Nothing> : rising.length === 0 ? <Nothing>{say('calm')}</Nothing> : (
        <table class="figures">
          <caption class="unseen">{say('rising')}</caption>
          <thead><tr><th scope="col">{say('item')}</th><th scope="col">{say('recent')}</th><th scope="col">{say('usual')}</th></tr></thead>
          <tbody>
            {rising.map(({ code, name, recent, usual }) => (
              <tr key={code}><th scope="row"><span class="up" aria-hidden="true">▲</span> {name}</th><td class="bad">{grouped(recent, lang)}</td><td>{usual < 10 ? usual.toFixed(1) : grouped(usual, lang)}</td></tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

export function Tickets({ states, view: { say, lang } }: { readonly states: BoardStates; readonly view: View }): JSX.Element {
  const shown = TICKET_STATES.filter((state) => ALWAYS.has(state) || (states.tickets.byState[state] ?? 0) > 0);
  return (
    <Panel name="tickets" title={say('ticketsByState')}>
      <ul class="counts">
        {shown.map((state) => (
          <li key={state}>
            <strong>{grouped(states.tickets.byState[state] ?? 0, lang)}</strong>
            <span>{stateName(state, lang)}</span>
          </li>
        ))}
        <li class={states.tickets.overdue > 0 ? 'bad' : ''}>
          <strong>{grouped(states.tickets.overdue, lang)}</strong>
          <span>{say('overdue')}</span>
        </li>
      </ul>
    </Panel>
  );
}

/** Shown also when there is none: that is good to know. */
const ALWAYS: ReadonlySet<string> = new Set(['待派', '待签收', '办理中', '办结待审', '回访']);

const QUALITY = ['signed_on_time', 'closed_on_time', 'solved'] as const;

export function Quality({ counts, view: { say } }: { readonly counts: BoardCounts | null; readonly view: View }): JSX.Element {
  const contained = counts?.service.find(({ name }) => name === 'contained');
  const rows = [...QUALITY.map((name) => ({ word: name, rate: counts?.quality.find((one) => one.name === name) })), { word: 'contained' as const, rate: contained }];
  return (
    <Panel name="quality" title={say('quality')} note={say('last30')}>
      <ul class="rates">
        {rows.map(({ word, rate }) => {
          const value = rate?.value ?? null;
          const target = rate?.target ?? null;
          const tone = value === null || target === null ? '' : value >= target ? 'good' : 'bad';
          return (
            <li key={word} class={tone}>
              <span>{word === 'contained' ? `${say(word)}（${say('last24')}）` : say(word)}</span>
              <strong>{value === null ? say('unknown') : percent(value)}</strong>
              <small>{value === null ? say('noData') : target === null ? '' : `${say('target', { value: rounded(target) })} ${say(tone === 'good' ? 'met' : 'missed')}`}</small>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
