import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ManagedSeatView } from '../../shared/api-types.ts';
import { Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';

const MAX_CAPACITY = 50;

/** Which skill groups a seat serves, and how many conversations it may have at a time. */
export function SkillsDialog({ seat, onClose }: { readonly seat: ManagedSeatView; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(async () => ({ skills: await desk.api.queue.skills(seat.id), groups: (await desk.api.queue.groups()).groups }), seat.id);
  const [groups, setGroups] = useState<readonly string[]>([]);
  const [capacity, setCapacity] = useState(1);
  useEffect(() => {
    if (loaded.value === null) return;
    setGroups(loaded.value.skills.groups);
    setCapacity(loaded.value.skills.capacity);
  }, [loaded.value]);
  const run = async (): Promise<void> => {
    if (loaded.value === null) throw new Error('还没有读到这位坐席的设置');
    await desk.api.queue.setSkills(seat.id, { groups, capacity });
  };
  return (
    <DialogForm title={`${seat.displayName} 的技能组与容量`} action="保存" onClose={onClose} run={run}>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      {loaded.value?.skills.default === true ? <p class="dim">还没有单独设置，目前按默认规则接待通用组。</p> : null}
      <fieldset class="skill-groups">
        <legend>技能组</legend>
        {(loaded.value?.groups ?? []).map((group) => (
          <label key={group.id} class="check">
            <input type="checkbox" checked={groups.includes(group.id)} onChange={(event) => setGroups(event.currentTarget.checked ? [...groups, group.id] : groups.filter((one) => one !== group.id))} />
            {group.name}
          </label>
        ))}
      </fieldset>
      <Field label="同时接待上限">
        <input type="number" min={1} max={MAX_CAPACITY} value={capacity} onInput={(event) => setCapacity(Math.max(1, Math.min(MAX_CAPACITY, Math.round(event.currentTarget.valueAsNumber || 1))))} required />
      </Field>
    </DialogForm>
  );
}
