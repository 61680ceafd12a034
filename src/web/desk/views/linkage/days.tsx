import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { LinkageProfile } from '../../api/linkage.ts';
import { Empty, Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { COMMON as common } from '../../words.ts';
import { LINKAGE as w } from './words.ts';

const SHOWN = 30;
const FORMATS = ['xlsx', 'csv', 'json'] as const;

/** 每日对账: what was made, and making one now. */
export function Days({ profiles }: { readonly profiles: readonly LinkageProfile[] }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.linkage.days(), 'linkage-days');
  const [profile, setProfile] = useState('');
  const [day, setDay] = useState('');
  const [busy, setBusy] = useState(false);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const agrees = await desk.api.linkage.reconcile(profile, day);
      desk.alerts.say(agrees ? 'info' : 'error', agrees ? w.agrees : w.differs);
      loaded.reload();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
    }
    setBusy(false);
  };
  return (
    <section aria-label={w.reconciliation}>
      <header class="head">
        <h2>{w.reconciliation}</h2>
      </header>
      <form class="line wrap" onSubmit={(event) => void make(event)}>
        <Field label={w.platform}>
          <select value={profile} required onChange={(event) => setProfile(event.currentTarget.value)}>
            <option value="" />
            {profiles.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        <Field label={w.day}>
          <input type="date" required value={day} onInput={(event) => setDay(event.currentTarget.value)} />
        </Field>
        <button type="submit" disabled={busy || profile === '' || day === ''}>
          {w.reconcile}
        </button>
      </form>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      {loaded.value?.length === 0 ? <Empty>{w.noDays}</Empty> : null}
      <ul class="cards">
        {(loaded.value ?? []).slice(0, SHOWN).map((one) => (
          <li key={`${one.profile} ${one.day}`}>
            <b>
              {one.name} {one.day}
            </b>
            <p class="dim">
              {w.madeAt} {one.madeAt === null ? w.notYet : dateTime(one.madeAt)} · {w.theirList} {one.listAt === null ? w.noList : dateTime(one.listAt)}
            </p>
            {one.madeAt === null ? null : (
              <p class="buttons">
                {FORMATS.map((format) => (
                  <a key={format} class="button" href={desk.api.linkage.fileUrl(one.profile, one.day, format)} download aria-label={`${w.download} ${one.name} ${one.day} ${format}`}>
                    {format.toUpperCase()}
                  </a>
                ))}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
