import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { KnowledgeTaskView } from '../../../shared/api-types.ts';
import { dateTime } from '../../../shared/format.ts';
import { Chip, Empty, Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { LintPanel } from './lint-panel.tsx';
import { TASK_KINDS, TASK_LIST } from './labels.ts';
import { TASKS_PAGE as w } from './work-words.ts';
import { COMMON as common } from '../../words.ts';

/** What the editors have to do, the oldest due first. */
export function TasksPage({ entryId }: { readonly entryId: string }): JSX.Element {
  const desk = useDesk();
  const [kind, setKind] = useState('');
  const [state, setState] = useState<'open' | 'done' | 'dismissed'>('open');
  const [closing, setClosing] = useState<KnowledgeTaskView | null>(null);
  const chosen = TASK_LIST.find((each) => each === kind);
  const loaded = useLoaded(() => desk.api.knowledge.tasks({ state, ...(chosen === undefined ? {} : { kind: chosen }), ...(entryId === '' ? {} : { entryId }) }), `tasks ${state} ${kind} ${entryId}`);
  const today = new Date(desk.now.value + 8 * 3_600_000).toISOString().slice(0, 10);
  return (
    <>
      <section aria-label={w.tasks}>
        <header class="head">
          <h2>{w.task(entryId === '' ? '' : common.afterColon(entryId))}</h2>
          <select aria-label={w.kind} value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">{w.allKinds}</option>
            {TASK_LIST.map((each) => (
              <option key={each} value={each}>
                {TASK_KINDS[each]}
              </option>
            ))}
          </select>
          <select aria-label={common.state} value={state} onChange={(event) => setState(event.currentTarget.value === 'done' ? 'done' : event.currentTarget.value === 'dismissed' ? 'dismissed' : 'open')}>
            <option value="open">{w.open}</option>
            <option value="done">{w.done}</option>
            <option value="dismissed">{w.setAside}</option>
          </select>
          {entryId === '' ? null : (
            <a class="button" href="#/knowledge/tasks">
              {w.allTasks}
            </a>
          )}
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {loaded.value?.tasks.length === 0 ? <Empty>{state === 'open' ? w.noOpenTasks : w.noTasks}</Empty> : null}
        <ul class="tasks">
          {loaded.value?.tasks.map((task) => (
            <li key={task.id}>
              <p class="line">
                <Chip tone={task.kind === 'wrong' || task.kind === 'expiry' ? 'bad' : 'warn'}>{TASK_KINDS[task.kind]}</Chip>
                {task.entryId === null ? <b>{w.noEntryYet}</b> : <a href={`#/knowledge/entry/${encodeURIComponent(task.entryId)}`}>{task.question ?? task.entryId}</a>}
                {task.dueOn === null ? null : <span class={task.state === 'open' && task.dueOn < today ? 'due late' : 'due'}>{task.dueOn < today && task.state === 'open' ? w.lateDue(task.dueOn) : w.due(task.dueOn)}</span>}
              </p>
              <p class="text">{task.text}</p>
              <p class="dim">
                {task.createdByName} · {dateTime(task.createdAt)}
                {task.owner === null ? '' : w.for(task.owner)}
                {task.closedAt === null ? '' : ` · ${task.closedByName ?? ''} ${dateTime(task.closedAt)} ${task.outcome ?? ''}`}
              </p>
              {task.state === 'open' ? (
                <button type="button" onClick={() => setClosing(task)}>
                  {w.finished}
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      </section>
      {entryId === '' ? <LintPanel made={loaded.reload} /> : null}
      {closing === null ? null : <CloseDialog task={closing} onClose={() => setClosing(null)} done={loaded.reload} />}
    </>
  );
}

function CloseDialog({ task, onClose, done }: { readonly task: KnowledgeTaskView; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [state, setState] = useState<'done' | 'dismissed'>('done');
  const [outcome, setOutcome] = useState('');
  const run = async (): Promise<void> => {
    await desk.api.knowledge.closeTask(task.id, state, outcome.trim() === '' ? null : outcome.trim());
    done();
  };
  return (
    <DialogForm title={w.done2(TASK_KINDS[task.kind])} action={w.finished} onClose={onClose} run={run}>
      <p>{task.text}</p>
      <fieldset class="kinds">
        <legend>{common.result}</legend>
        <label>
          <input type="radio" name="outcome" checked={state === 'done'} onChange={() => setState('done')} />
          {w.done3}
        </label>
        <label>
          <input type="radio" name="outcome" checked={state === 'dismissed'} onChange={() => setState('dismissed')} />
          {w.setAside}
        </label>
      </fieldset>
      <Field label={common.note} hint={state === 'done' ? w.optional : undefined}>
        <textarea rows={3} value={outcome} onInput={(event) => setOutcome(event.currentTarget.value)} required={state === 'dismissed'} maxLength={1000} />
      </Field>
    </DialogForm>
  );
}
