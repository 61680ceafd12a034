import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CampaignPreview, CampaignPurpose, CampaignWish } from '../../../shared/outbound-types.ts';
import { Field } from '../../ui/bits.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { CHANNELS_WORDS } from '../../label-words.ts';
import { COMMON as common } from '../../words.ts';
import { codeText } from './outbound-page.tsx';
import { PURPOSES, WISH as w } from './words.ts';

/** A new campaign: whom, when, how often. What it would do is shown before it is made, and nobody is called before it is started. */

const PURPOSE_ORDER: readonly CampaignPurpose[] = ['visit', 'missed', 'progress', 'notice'];
const QUERIES = { visit: 'visit', missed: 'abandoned', progress: 'open', notice: 'open' } as const;
const DAY_MS = 86_400_000;

export function WishForm({ channels, onClose, onMade }: { readonly channels: readonly string[]; readonly onClose: () => void; readonly onMade: (id: string) => void }): JSX.Element {
  const desk = useDesk();
  const catalog = desk.catalog.value;
  const [name, setName] = useState('');
  const [purpose, setPurpose] = useState<CampaignPurpose>('visit');
  const [channel, setChannel] = useState(channels[0] ?? '');
  const [listed, setListed] = useState(false);
  const [numbers, setNumbers] = useState('');
  const [refused, setRefused] = useState(0);
  const [where, setWhere] = useState({ departmentId: '', townId: '', itemCode: '' });
  const [days, setDays] = useState(7);
  const [text, setText] = useState('');
  const [limits, setLimits] = useState({ concurrency: 2, attempts: 3, retryAfterMinutes: 120 });
  const [hours, setHours] = useState('09:00-12:00 14:00-20:00');
  const [workdaysOnly, setWorkdaysOnly] = useState(true);
  const [preview, setPreview] = useState<CampaignPreview | null>(null);
  const [fault, setFault] = useState('');

  const wish = (): CampaignWish => ({
    name: name.trim() === '' ? PURPOSES[purpose] : name.trim(), purpose, channel, ...limits, hours: hours.split(/[\s,，、]+/).filter((one) => one !== ''), workdaysOnly,
    ...(purpose === 'notice' ? { words: text.trim() } : {}),
    ...(listed
      ? { tickets: numbers.split(/[\s,，、;；]+/).filter((one) => one !== '') }
      : { query: { kind: QUERIES[purpose], since: desk.now.peek() - days * DAY_MS, ...Object.fromEntries(Object.entries(where).filter(([, value]) => value !== '')) } }),
  });
  const look = async (): Promise<void> => {
    setFault('');
    try {
      setPreview(await desk.api.outbound.preview(wish()));
    } catch (error) {
      setPreview(null);
      setFault(error instanceof Error ? error.message : common.thatDidNotWork);
    }
  };
  const take = async (file: File): Promise<void> => {
    setFault('');
    try {
      const { tickets, refused: others } = await desk.api.outbound.ticketList(file.name.toLowerCase().endsWith('.xlsx') ? 'xlsx' : 'csv', await base64Of(file));
      setNumbers(tickets.join('\n'));
      setRefused(others);
    } catch (error) {
      setFault(error instanceof Error ? error.message : common.thatDidNotWork);
    }
  };
  const amount = (label: string, key: keyof typeof limits, min: number, max: number): JSX.Element => (
    <Field label={label}>
      <input type="number" required min={min} max={max} value={limits[key]} onInput={(event) => setLimits({ ...limits, [key]: event.currentTarget.valueAsNumber })} />
    </Field>
  );
  return (
    <DialogForm title={w.title} action={w.create} onClose={onClose} run={async () => onMade((await desk.api.outbound.create(wish())).id)}>
      <Field label={w.purpose}>
        <select value={purpose} onChange={(event) => setPurpose(PURPOSE_ORDER.find((one) => one === event.currentTarget.value) ?? 'visit')}>
          {PURPOSE_ORDER.map((one) => (
            <option key={one} value={one}>
              {PURPOSES[one]}
            </option>
          ))}
        </select>
      </Field>
      <Field label={w.name}>
        <input maxLength={80} value={name} placeholder={PURPOSES[purpose]} onInput={(event) => setName(event.currentTarget.value)} />
      </Field>
      <Field label={w.channel}>
        <select value={channel} onChange={(event) => setChannel(event.currentTarget.value)}>
          {channels.map((one) => (
            <option key={one} value={one}>
              {Object.entries(CHANNELS_WORDS).find(([known]) => known === one)?.[1] ?? ''} {one}
            </option>
          ))}
        </select>
      </Field>
      {purpose === 'notice' ? (
        <Field label={w.words} hint={w.wordsHint} wide>
          <textarea required minLength={4} maxLength={200} rows={2} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </Field>
      ) : null}
      <Field label={w.whom}>
        <select value={listed ? 'list' : 'query'} onChange={(event) => setListed(event.currentTarget.value === 'list')}>
          <option value="query">{w.byQuery}</option>
          <option value="list">{w.byList}</option>
        </select>
      </Field>
      {listed ? (
        <>
          <Field label={w.tickets} hint={w.ticketsHint} wide>
            <textarea required rows={4} value={numbers} onInput={(event) => setNumbers(event.currentTarget.value)} />
          </Field>
          <Field label={w.file} hint={refused === 0 ? undefined : w.fileRefused(refused)}>
            <input
              type="file"
              accept=".csv,.xlsx"
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? [];
                if (file !== undefined) void take(file);
              }}
            />
          </Field>
        </>
      ) : (
        <>
          <Combobox label={w.department} options={(catalog?.departments ?? []).map(({ id, name: label }) => ({ value: id, label, note: '' }))} value={where.departmentId} onChange={(departmentId) => setWhere({ ...where, departmentId })} placeholder={w.any} />
          <Combobox label={w.town} options={(catalog?.towns ?? []).map(({ id, name: label }) => ({ value: id, label, note: '' }))} value={where.townId} onChange={(townId) => setWhere({ ...where, townId })} placeholder={w.any} />
          <Combobox label={w.item} options={(catalog?.items ?? []).map(({ code, name: label, field }) => ({ value: code, label, note: field }))} value={where.itemCode} onChange={(itemCode) => setWhere({ ...where, itemCode })} placeholder={w.any} />
          <Field label={w.days}>
            <input type="number" required min={1} max={365} value={days} onInput={(event) => setDays(event.currentTarget.valueAsNumber)} />
          </Field>
        </>
      )}
      {amount(w.concurrency, 'concurrency', 1, 50)}
      {amount(w.attempts, 'attempts', 1, 3)}
      {amount(w.retry, 'retryAfterMinutes', 10, 10_080)}
      <Field label={w.hours} hint={w.hoursHint}>
        <input required value={hours} onInput={(event) => setHours(event.currentTarget.value)} />
      </Field>
      <label class="check">
        <input type="checkbox" checked={workdaysOnly} onChange={(event) => setWorkdaysOnly(event.currentTarget.checked)} /> {w.workdays}
      </label>
      <button type="button" onClick={() => void look()}>
        {w.look}
      </button>
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {preview === null ? null : (
        <p role="status">
          {w.preview(preview.called, preview.found)}
          {Object.keys(preview.leftOut).length === 0 ? '' : ` ${w.leftOut}${Object.entries(preview.leftOut).map(([code, count]) => `${codeText(code)} ${count}`).join(common.comma)}`}
        </p>
      )}
    </DialogForm>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  // In pieces: a call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 8_192) binary += String.fromCharCode(...bytes.subarray(start, start + 8_192));
  return btoa(binary);
}
