import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { dateTime } from '../../../../shared/format.ts';
import type { CatalogueBodies, CatalogueKind, CatalogueView, FaultView, VersionView } from '../../../../shared/rules-types.ts';
import { Chip, Empty, Field } from '../../../ui/bits.tsx';
import { useDesk, useSeat } from '../../../ui/context.ts';
import { DialogForm } from '../../../ui/dialog.tsx';
import { useLoaded, type Loaded } from '../../../ui/use-loaded.ts';
import { useLeaveWarning } from '../../knowledge/revision-page.tsx';
import '../../../styles/rules.css';
import { AuditLine } from './audit-line.tsx';
import { Diff } from './diff.tsx';
import { Faults } from './fields.tsx';
import { stateOf, versionName } from './labels.ts';
import { CATALOGUE_PAGE as w } from './words.ts';
import { COMMON as common } from '../../../words.ts';

/** What the page of a catalogue gives to what shows its body. */
export interface Editing<Kind extends CatalogueKind> {
  readonly body: CatalogueBodies[Kind];
  /** Null: it is only read. */
  readonly change: ((next: CatalogueBodies[Kind]) => void) | null;
  readonly faults: readonly FaultView[];
  /** At this place or below. */
  readonly at: (pointer: string) => readonly FaultView[];
  readonly version: number;
  readonly unsaved: boolean;
}

interface Given<Kind extends CatalogueKind> {
  readonly kind: Kind;
  readonly title: string;
  readonly about: string;
  readonly rest: string;
  /** Buttons beside the others: a file, a trial. */
  readonly tools?: (editing: Editing<Kind>, reload: () => void) => ComponentChildren;
  readonly children: (editing: Editing<Kind>) => JSX.Element;
}

const PUBLISHERS: readonly string[] = ['supervisor', 'administrator'];

/** A catalogue: which version, what it says, drafts by one person and publication by another, what is wrong, what differs, who did it. */
export function CataloguePage<Kind extends CatalogueKind>(given: Given<Kind>): JSX.Element {
  const { kind, rest } = given;
  const desk = useDesk();
  const versions = useLoaded(() => desk.api.rules.versions(kind), `versions ${kind}`);
  const wanted = /^\d{1,9}$/.test(rest) ? Number(rest) : (versions.value?.find(({ state }) => state === 'published')?.version ?? null);
  const whole = useLoaded(() => (wanted === null ? Promise.resolve(null) : desk.api.rules.version(kind, wanted)), `${kind} ${wanted ?? 'none'}`);
  const reload = (): void => {
    versions.reload();
    whole.reload();
  };
  const fault = versions.fault === '' ? whole.fault : versions.fault;
  const shown = whole.value !== null && whole.value.version.version === wanted ? whole.value : null;
  return (
    <div class="page rules-page">
      <section aria-label={given.title}>
        {fault === '' ? null : (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        {shown === null ? fault === '' ? <Empty>{common.reading}</Empty> : null : <Shown {...given} whole={shown} versions={versions} reload={reload} />}
      </section>
    </div>
  );
}

function Shown<Kind extends CatalogueKind>({ kind, title, about, tools, children, whole, versions, reload }: Given<Kind> & { readonly whole: CatalogueView<Kind>; readonly versions: Loaded<VersionView[]>; readonly reload: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const { version } = whole;
  const mine = version.state === 'draft' && version.author === seat.id;
  const [edited, setEdited] = useState<CatalogueBodies[Kind] | null>(null);
  const [note, setNote] = useState(version.note);
  const [asking, setAsking] = useState<'draft' | 'publish' | 'drop' | null>(null);
  const [showing, setShowing] = useState(version.state === 'draft' && !mine);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setEdited(null);
    setNote(version.note);
  }, [whole]);
  const unsaved = edited !== null || note !== version.note;
  useLeaveWarning(mine && unsaved);
  const body = edited ?? whole.body;
  const { faults } = whole;
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  const editing: Editing<Kind> = { body, change: mine ? setEdited : null, faults, at: (pointer) => faults.filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`)), version: version.version, unsaved };
  const trail = useLoaded(() => desk.api.rules.trail({ subject: `catalogue:${kind}/*`, limit: 100 }), `trail ${kind} ${version.version} ${version.state} ${faults.length}`);
  const nameOf = (id: string): string => (id === 'system' ? w.filesOfTheInstallation : id === seat.id ? seat.displayName : (trail.value?.entries.find(({ actor }) => actor === `seat:${id}`)?.actorName ?? w.aColleague));
  const mayPublish = version.state === 'draft' && !mine && PUBLISHERS.includes(seat.role);

  const save = async (): Promise<void> => {
    if (busy || !mine) return;
    setBusy(true);
    try {
      await desk.api.rules.save(kind, version.version, body, note);
      desk.alerts.say('info', w.draftSaved);
      reload();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : w.couldNotBeSaved);
    }
    setBusy(false);
  };

  const latest = useRef(save);
  latest.current = save;
  // Wherever the focus is: what had it may just have been taken away.
  useEffect(() => {
    if (!mine) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      void latest.current();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [mine]);

  return (
    <div>
      <header class="head">
        <div class="title">
          <h2>{title}</h2>
          <p class="dim">{about}</p>
        </div>
        <label class="version">
          <span class="dim">{w.versions}</span>
          <select value={String(version.version)} onChange={(event) => { location.hash = `#/${kind}/${event.currentTarget.value}`; }}>
            {(versions.value ?? [version]).map((one) => (
              <option key={one.version} value={String(one.version)}>
                {w.bracketedThen(versionName(one.version), stateOf(one.state).label, one.note === '' || one.version === 0 ? '' : common.afterColon(one.note.slice(0, 24)))}
              </option>
            ))}
          </select>
        </label>
        {tools?.(editing, reload)}
        <button type="button" onClick={() => setAsking('draft')}>
          {version.state === 'draft' ? w.startADraft : w.draft}
        </button>
        {mine ? (
          <button type="button" class="primary" disabled={busy || !unsaved} onClick={() => void save()}>
            {w.saveDraft}
          </button>
        ) : null}
        {version.state === 'draft' && (mine || PUBLISHERS.includes(seat.role)) ? (
          <button type="button" onClick={() => setAsking('drop')}>
            {w.drop}
          </button>
        ) : null}
        {mayPublish ? (
          <button type="button" class="primary" onClick={() => setAsking('publish')} disabled={errors > 0}>
            {w.publish}
          </button>
        ) : null}
      </header>
      <p class="status">
        <Chip tone={stateOf(version.state).tone}>{stateOf(version.state).label}</Chip>
        <span class="dim">
          {versionName(version.version)}
          {version.version === 0 ? '' : w.draftedBy(nameOf(version.author), dateTime(version.createdAt))}
          {version.publishedAt === null || version.publishedBy === null ? '' : w.publishedBy(nameOf(version.publishedBy), dateTime(version.publishedAt))}
          {mine ? (unsaved ? w.changesNotSavedCtrl : w.savedAskAnotherSupervisor) : ''}
          {version.state === 'draft' && !mine ? w.somebodyElsesDraftYou : ''}
        </span>
        {version.version === 0 && version.state === 'published' ? null : <button type="button" class="link" aria-expanded={showing} onClick={() => setShowing(!showing)}>
          {showing ? w.hideDifferences : version.state === 'published' ? w.differencesFromTheVersion : w.differencesFromWhatIs}
        </button>}
      </p>
      {mine ? (
        <div class="note-line">
          <Field label={w.aboutThisVersion} hint={w.whatWasChangedAnd}>
            <input value={note} maxLength={200} onInput={(event) => setNote(event.currentTarget.value)} />
          </Field>
        </div>
      ) : version.note === '' || version.version === 0 ? null : (
        <p class="banner">{w.note(version.note)}</p>
      )}
      {faults.length === 0 ? null : (
        <details class="fault-list" open={errors > 0}>
          <summary>
            {errors > 0 ? w.errorCannotBePublished(errors) : w.warningCanBePublished(faults.length)}
            {unsaved ? w.checkedAsSavedLast : ''}
          </summary>
          <Faults list={faults} />
        </details>
      )}
      {showing ? (
        <div class="diff-box">
          <Diff kind={kind} version={version.version} fresh={`${version.createdAt} ${JSON.stringify(whole.body).length} ${version.note}`} against={version.state === 'published' ? previousOf(versions.value ?? [], version.version) : undefined} />
        </div>
      ) : null}
      {children(editing)}
      <AuditLine filter={{ subject: `catalogue:${kind}/*` }} rows={trail.value?.entries} />
      {asking === 'draft' ? <DraftDialog kind={kind} from={version.version} onClose={() => setAsking(null)} done={versions.reload} /> : null}
      {asking === 'drop' ? (
        <DialogForm title={w.dropIt(versionName(version.version))} action={w.drop} onClose={() => setAsking(null)} run={async () => {
          await desk.api.rules.drop(kind, version.version);
          location.hash = `#/${kind}`;
          versions.reload();
        }}>
          <p>{w.dropped}</p>
        </DialogForm>
      ) : null}
      {asking === 'publish' ? (
        <DialogForm title={w.publish2(title, versionName(version.version))} action={w.publish} onClose={() => setAsking(null)} run={async () => {
          await desk.api.rules.publish(kind, version.version);
          desk.alerts.say('info', w.publishedInForceEverywhere);
          reload();
        }}>
          <p>{w.inForceOnEvery}</p>
          {faults.length === 0 ? null : <Faults list={faults} />}
        </DialogForm>
      ) : null}
    </div>
  );
}

/** What was in force before it, as far as the list tells. */
function previousOf(versions: readonly VersionView[], version: number): number | undefined {
  return versions.find((one) => one.version < version && one.state === 'retired' && (one.publishedAt !== null || one.version === 0))?.version;
}

function DraftDialog({ kind, from, onClose, done }: { readonly kind: CatalogueKind; readonly from: number; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [note, setNote] = useState('');
  return (
    <DialogForm title={w.draftFrom(versionName(from))} action={w.draft} onClose={onClose} run={async () => {
      const { version } = await desk.api.rules.draft(kind, from, note.trim());
      done();
      location.hash = `#/${kind}/${version.version}`;
    }}>
      <p class="dim">{w.onlyItsAuthorCan}</p>
      <Field label={common.note} hint={w.whatToChangeAnd}>
        <input value={note} maxLength={200} onInput={(event) => setNote(event.currentTarget.value)} />
      </Field>
    </DialogForm>
  );
}
