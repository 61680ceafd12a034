import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ManagedSeatView } from '../../shared/api-types.ts';
import { Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { SEAT_SKILLS as w } from './house-words.ts';
import { COMMON as common } from '../words.ts';

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
    if (loaded.value === null) throw new Error(w.thisSeatsSettingsHave);
    await desk.api.queue.setSkills(seat.id, { groups, capacity });
  };
  return (
    <DialogForm title={w.skillGroupsAndCapacity(seat.displayName)} action={common.save} onClose={onClose} run={run}>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      {loaded.value?.skills.default === true ? <p class="dim">{w.noSettingsOfIts}</p> : null}
      <fieldset class="skill-groups">
        <legend>{common.skillGroups}</legend>
        {(loaded.value?.groups ?? []).map((group) => (
          <label key={group.id} class="check">
            <input type="checkbox" checked={groups.includes(group.id)} onChange={(event) => setGroups(event.currentTarget.checked ? [...groups, group.id] : groups.filter((one) => one !== group.id))} />
            {group.name}
          </label>
        ))}
      </fieldset>
      <Field label={w.conversationsAtOnce}>
        <input type="number" min={1} max={MAX_CAPACITY} value={capacity} onInput={(event) => setCapacity(Math.max(1, Math.min(MAX_CAPACITY, Math.round(event.currentTarget.valueAsNumber || 1))))} required />
      </Field>
    </DialogForm>
  );
}
