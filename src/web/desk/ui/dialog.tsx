import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { COMMON as common } from '../words.ts';

/** A modal dialog: the browser's own element keeps the focus inside, closes on Esc and gives the focus back. */
export function Dialog({ title, onClose, className, children }: { readonly title: string; readonly onClose: () => void; readonly className?: string; readonly children: ComponentChildren }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  // At once, not after the next frame: what is typed right behind the key that opened it belongs into it.
  useLayoutEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} class={className} aria-label={title} onClose={onClose} onClick={(event) => event.target === element.current && element.current?.close()}>
      <div class="sheet">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** A form in a dialog that does something and tells why it could not. */
export function DialogForm({ title, action, danger, onClose, run, children }: { readonly title: string; readonly action: string; readonly danger?: boolean; readonly onClose: () => void; readonly run: () => Promise<void>; readonly children: ComponentChildren }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault('');
    try {
      await run();
      onClose();
    } catch (error) {
      setFault(error instanceof Error ? error.message : common.thatDidNotWork);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        {children}
        {fault === '' ? null : (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {common.cancel}
          </button>
          <button type="submit" class={danger === true ? 'danger' : 'primary'} disabled={busy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
