import type { JSX } from 'preact';
import { useDesk } from '../../ui/context.ts';
import { UNDO_BAR as w } from './words.ts';

/** What was clicked and is not done yet, with a way back. */
export function UndoBar(): JSX.Element {
  const desk = useDesk();
  const { waiting } = desk.undo;
  return (
    <div class="undo-bars" role="status">
      {waiting.value.map((one) => (
        <div key={one.id} class="undo-bar">
          <p>{w.aboutTo(one.text)}</p>
          <button type="button" onClick={() => desk.undo.undo(one.key)}>
            {w.undo}<kbd>Alt+Z</kbd>
          </button>
          <button type="button" class="plain" onClick={() => desk.undo.hurry(one.key)}>
            {w.doItNow}
          </button>
        </div>
      ))}
    </div>
  );
}
