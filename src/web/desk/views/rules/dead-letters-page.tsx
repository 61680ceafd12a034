import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { LetterView } from '../../../shared/rules-types.ts';
import { Empty, Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { Dialog, DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import '../../styles/rules.css';
import { AuditLine } from './parts/audit-line.tsx';
import { DEAD_LETTERS_PAGE as w, KINDS_WORDS, ROLES_WORDS } from './words.ts';
import { COMMON as common } from '../../words.ts';

const KINDS: Readonly<Record<string, string>> = KINDS_WORDS;
const kindLabel = (kind: string): string => KINDS[kind] ?? kind;
const ROLES: Readonly<Record<string, string>> = ROLES_WORDS;
const PAGE = 100;

/** What could not be done for good: `#/dead-letters`, `#/dead-letters/kind=…&error=…`. */
export function DeadLettersPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const given = new URLSearchParams(rest);
  const [kind, error] = [given.get('kind') ?? undefined, given.get('error') ?? undefined];
  const [query, setQuery] = useState('');
  const [rows, setRows] = useState<readonly LetterView[]>([]);
  const [more, setMore] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<string | null>(null);
  const [discarding, setDiscarding] = useState(false);
  const filter = { ...(kind === undefined ? {} : { kind }), ...(error === undefined ? {} : { error }), ...(query.trim() === '' ? {} : { q: query.trim() }) };
  const key = JSON.stringify(filter);
  const groups = useLoaded(() => desk.api.rules.letterGroups(), 'groups');
  const letters = useLoaded(() => desk.api.rules.letters({ ...filter, limit: PAGE }), `letters ${key}`);
  useEffect(() => {
    if (letters.value === null) return;
    setRows(letters.value);
    setMore(letters.value.length === PAGE);
    setPicked(new Set());
  }, [letters.value]);
  const reload = (): void => {
    groups.reload();
    letters.reload();
  };
  const older = async (): Promise<void> => {
    const last = rows.at(-1);
    if (last === undefined) return;
    try {
      const next = await desk.api.rules.letters({ ...filter, limit: PAGE, before: last.diedAt, beforePosition: last.position });
      setRows([...rows, ...next]);
      setMore(next.length === PAGE);
    } catch (fault) {
      desk.alerts.say('error', fault instanceof Error ? fault.message : common.couldNotBeRead);
    }
  };
  const ids = rows.filter(({ id }) => picked.has(id)).map(({ id }) => id);
  const revive = async (wanted: readonly string[]): Promise<void> => {
    try {
      const done = await desk.api.rules.reviveLetters(wanted);
      desk.alerts.say('info', w.putBackIntoThe(done));
    } catch (fault) {
      desk.alerts.say('error', fault instanceof Error ? fault.message : common.thatDidNotWork);
    }
    reload();
  };
  const all = rows.length > 0 && ids.length === rows.length;

  return (
    <div class="page rules-page">
      <section aria-label={w.deadLetters}>
        <header class="head">
          <div class="title">
            <h2>{w.deadLetters}</h2>
            <p class="dim">{w.whatFailedTimeAfter}</p>
          </div>
          <button type="button" onClick={reload}>
            {common.reload}
          </button>
        </header>
        {[groups.fault, letters.fault].filter((fault) => fault !== '').map((fault) => (
          <p key={fault} class="fault" role="alert">
            {fault}
          </p>
        ))}
        {(groups.value?.length ?? 0) === 0 ? null : (
          <ul class="groups" aria-label={w.byError}>
            <li>
              <a href="#/dead-letters" aria-current={kind === undefined ? 'true' : undefined}>
                {w.all}{groups.value?.reduce((sum, { amount }) => sum + amount, 0)}
              </a>
            </li>
            {groups.value?.map((group) => (
              <li key={`${group.kind} ${group.error ?? ''}`}>
                <a href={`#/dead-letters/${new URLSearchParams({ kind: group.kind, error: group.error ?? '' }).toString()}`} aria-current={kind === group.kind && error === (group.error ?? '') ? 'true' : undefined}>
                  {kindLabel(group.kind)} <span class="code">{group.error ?? w.noError}</span> <b>{group.amount}</b>
                  <small class="dim">{dateTime(group.newestAt)}</small>
                </a>
              </li>
            ))}
          </ul>
        )}
        <div class="find">
          <input type="search" aria-label={w.searchDeadLetters} placeholder={w.idLaneError} value={query} onInput={(event) => setQuery(event.currentTarget.value)} autocomplete="off" />
          <span class="dim" role="status">
            {w.entry(rows.length, more ? '+' : '', ids.length === 0 ? '' : w.chosen(ids.length))}
          </span>
          <button type="button" disabled={ids.length === 0} onClick={() => void revive(ids)}>
            {w.tryChosenAgain}
          </button>
          <button type="button" class="danger" disabled={ids.length === 0} onClick={() => setDiscarding(true)}>
            {w.discardChosen}
          </button>
        </div>
        {rows.length === 0 && !letters.loading ? <Empty>{key === '{}' ? w.noDeadLettersAll : w.noMatchingDeadLetters}</Empty> : null}
        {rows.length === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">
                    <input type="checkbox" aria-label={w.chooseAll} checked={all} onChange={() => setPicked(all ? new Set() : new Set(rows.map(({ id }) => id)))} />
                  </th>
                  <th scope="col">{w.givenUp}</th>
                  <th scope="col">{w.what}</th>
                  <th scope="col">{w.lane}</th>
                  <th scope="col">{w.tries}</th>
                  <th scope="col">{w.lastError}</th>
                  <th scope="col">{common.actions}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((letter) => (
                  <tr key={letter.id}>
                    <td>
                      <input type="checkbox" aria-label={w.choose(letter.id)} checked={picked.has(letter.id)} onChange={(event) => { const next = new Set(picked); if (event.currentTarget.checked) next.add(letter.id); else next.delete(letter.id); setPicked(next); }} />
                    </td>
                    <td>{dateTime(letter.diedAt)}</td>
                    <td>{kindLabel(letter.kind)}</td>
                    <td class="code">{letter.lane}</td>
                    <td>{letter.attempts}</td>
                    <td class="code">{letter.lastError ?? ''}</td>
                    <td class="actions">
                      <button type="button" onClick={() => setOpened(letter.id)}>
                        {common.show}
                      </button>
                      <button type="button" onClick={() => void revive([letter.id])}>
                        {common.tryAgain}
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {more ? (
          <button type="button" class="more" onClick={() => void older()}>
            {w.earlierOnes}
          </button>
        ) : null}
        <AuditLine filter={{ action: 'dead_letter.retried,dead_letter.discarded' }} fresh={String(letters.value?.length ?? 0)} />
      </section>
      {opened === null ? null : <LetterDialog id={opened} onClose={() => setOpened(null)} />}
      {discarding ? <DiscardDialog ids={ids} onClose={() => setDiscarding(false)} done={reload} /> : null}
    </div>
  );
}

function DiscardDialog({ ids, onClose, done }: { readonly ids: readonly string[]; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [reason, setReason] = useState('');
  return (
    <DialogForm title={w.discardDeadLetter(ids.length)} action={w.discard} danger onClose={onClose} run={async () => {
      const count = await desk.api.rules.discardLetters(ids, reason.trim());
      desk.alerts.say('info', w.discarded(count));
      done();
    }}>
      <p>{w.whatIsDiscardedIs}</p>
      <Field label={common.reason} hint={w.goesIntoTheTrail}>
        <input value={reason} minLength={2} maxLength={200} required onInput={(event) => setReason(event.currentTarget.value)} />
      </Field>
    </DialogForm>
  );
}

function LetterDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const letter = useLoaded(() => desk.api.rules.letter(id), `letter ${id}`);
  return (
    <Dialog title={w.deadLetter} onClose={onClose}>
      {letter.fault === '' ? null : <p class="fault">{letter.fault}</p>}
      {letter.value === null ? null : (
        <div class="letter">
          <dl>
            <div>
              <dt>{common.id}</dt>
              <dd class="code">{letter.value.letter.id}</dd>
            </div>
            <div>
              <dt>{w.what}</dt>
              <dd>{kindLabel(letter.value.letter.kind)}</dd>
            </div>
            <div>
              <dt>{w.error}</dt>
              <dd class="code">{letter.value.letter.lastError ?? w.none}</dd>
            </div>
            {letter.value.payload.map(({ name, value }) => (
              <div key={name}>
                <dt class="code">{name}</dt>
                <dd class="code">{value}</dd>
              </div>
            ))}
          </dl>
          {letter.value.activities.length === 0 ? null : (
            <>
              <h4>{w.messageItBelongsTo}</h4>
              <ul class="lines">
                {letter.value.activities.map(({ id: activityId, at, role, type, chars }) => (
                  <li key={activityId}>
                    {dateTime(at)} {ROLES[role] ?? role} {type === 'message' ? w.character(chars) : type}
                  </li>
                ))}
              </ul>
            </>
          )}
          {letter.value.letter.conversationId === null ? null : (
            <p>
              <button
                type="button"
                class="link"
                onClick={() => {
                  const conversationId = letter.value?.letter.conversationId;
                  if (conversationId === null || conversationId === undefined) return;
                  location.hash = '#/conversations';
                  desk.select(conversationId);
                  onClose();
                }}
              >
                {w.openTheConversation}
              </button>
            </p>
          )}
        </div>
      )}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {common.close}
        </button>
      </div>
    </Dialog>
  );
}
