import type { JSX } from 'preact';
import { useDesk } from '../../ui/context.ts';

/** What was clicked and is not done yet, with a way back. */
export function UndoBar(): JSX.Element {
  const desk = useDesk();
  const { waiting } = desk.undo;
  return (
    <div class="undo-bars" role="status">
      {waiting.value.map((one) => (
        <div key={one.id} class="undo-bar">
          <p>即将{one.text}</p>
          <button type="button" onClick={() => desk.undo.undo(one.key)}>
            撤销 <kbd>Alt+Z</kbd>
          </button>
          <button type="button" class="plain" onClick={() => desk.undo.hurry(one.key)}>
            立即执行
          </button>
        </div>
      ))}
    </div>
  );
}
