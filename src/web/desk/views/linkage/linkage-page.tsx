import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { LinkageProfile, LinkRow, LinkState } from '../../api/linkage.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { Table } from '../../ui/table.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { COMMON as common } from '../../words.ts';
import { Days } from './days.tsx';
import { LinkDetail } from './link-detail.tsx';
import { dueText, LinkChips } from './link-parts.tsx';
import { LINK_STATES, LINKAGE as w } from './words.ts';

const STATES: readonly LinkState[] = ['open', 'accepted', 'refused', 'done', 'withdrawn'];
const PAGE = 50;

/** 联动: with whom, how it stands, what is late, and each day's reconciliation. */
export function LinkagePage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const profiles = useLoaded(() => desk.api.linkage.profiles(), 'linkage');
  const [profile, setProfile] = useState('');
  const [state, setState] = useState('');
  const [late, setLate] = useState(false);
  const [older, setOlder] = useState<readonly LinkRow[]>([]);
  const key = `${profile} ${state} ${late}`;
  const links = useLoaded(() => desk.api.linkage.links({ profile, state, late }), key);
  useEffect(() => setOlder([]), [key]);
  const rows = [...(links.value ?? []), ...older];
  const more = async (): Promise<void> => {
    const before = rows.at(-1);
    if (before === undefined) return;
    try {
      setOlder([...older, ...(await desk.api.linkage.links({ profile, state, late, before }))]);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.couldNotBeRead);
    }
  };
  return (
    <div class="page">
      <Profiles rows={profiles.value ?? []} fault={profiles.fault} />
      <section aria-label={w.matters}>
        <header class="head">
          <h2>{w.matters}</h2>
          <select class="short" aria-label={w.platform} value={profile} onChange={(event) => setProfile(event.currentTarget.value)}>
            <option value="">{w.allPlatforms}</option>
            {(profiles.value ?? []).map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <select class="short" aria-label={common.state} value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">{w.allStates}</option>
            {STATES.map((one) => (
              <option key={one} value={one}>
                {LINK_STATES[one]}
              </option>
            ))}
          </select>
          <label class="check">
            <input type="checkbox" checked={late} onChange={(event) => setLate(event.currentTarget.checked)} />
            {w.onlyLate}
          </label>
        </header>
        {links.fault === '' ? null : <p class="fault">{links.fault}</p>}
        {links.value !== null && rows.length === 0 ? <Empty>{w.none}</Empty> : null}
        <ul class="cards">
          {rows.map((link) => (
            <li key={link.id}>
              <a href={link.id === rest ? '#/linkage' : `#/linkage/${link.id}`} aria-current={link.id === rest ? 'true' : undefined}>
                <b>{link.ticketTitle ?? w.noTicket}</b>
              </a>
              <p>
                {link.profileName} <LinkChips link={link} />
              </p>
              <p class="dim">{[link.ticketNumber, link.externalNo === null ? null : w.theirs(link.externalNo), dateTime(link.createdAt), dueText(link)].filter((part) => part !== null && part !== '').join(' · ')}</p>
            </li>
          ))}
        </ul>
        {rows.length > 0 && rows.length % PAGE === 0 ? (
          <button type="button" onClick={() => void more()}>
            {w.more}
          </button>
        ) : null}
      </section>
      {rest === '' ? null : <LinkDetail key={rest} id={rest} changed={links.reload} />}
      {leads ? <Days profiles={profiles.value ?? []} /> : null}
    </div>
  );
}

function Profiles({ rows, fault }: { readonly rows: readonly LinkageProfile[]; readonly fault: string }): JSX.Element {
  const amounts = [['waiting', w.waits], ['unacknowledged', w.unacknowledged], ['held', w.held], ['dead', w.dead]] as const;
  return (
    <section aria-label={w.platforms}>
      <header class="head">
        <h2>{w.platforms}</h2>
      </header>
      {fault === '' ? null : <p class="fault">{fault}</p>}
      <Table heads={[w.platform, w.exchange, ...amounts.map(([, label]) => label)]}>
        {rows.map((row) => (
          <tr key={row.id}>
            <td data-label={w.platform}>
              <span title={row.about}>{row.name}</span>
            </td>
            <td data-label={w.exchange}>
              <Chip tone={row.on ? 'good' : row.missing.length > 0 ? 'bad' : 'plain'}>{row.on ? w.on : w.off}</Chip> <small>{row.on ? row.transport : row.missing.length > 0 ? w.missing(row.missing.join(' ')) : ''}</small>
            </td>
            {amounts.map(([name, label]) => (
              <td key={name} data-label={label}>
                {row[name] > 0 && name === 'dead' ? <a href="#/dead-letters">{row[name]}</a> : row[name]}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}
