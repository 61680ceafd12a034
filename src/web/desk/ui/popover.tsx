import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A button with a card under it. Closes by Esc (the focus goes back), by a press elsewhere, and by choosing. */
export function Popover({ label, button, open, setOpen, children, className = '' }: { readonly label: string; readonly button: ComponentChildren; readonly open: boolean; readonly setOpen: (open: boolean) => void; readonly children: ComponentChildren; readonly className?: string }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    place.current?.querySelector<HTMLElement>('.card button:not(:disabled), .card select, .card a, .card input')?.focus();
    const onPress = (event: Event): void => {
      if (event.target instanceof Node && place.current?.contains(event.target) === false) setOpen(false);
    };
    addEventListener('pointerdown', onPress);
    return () => removeEventListener('pointerdown', onPress);
  }, [open]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
      opener.current?.focus();
      return;
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    if (!open || event.altKey || !(event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    const all = [...(place.current?.querySelectorAll<HTMLElement>('.card button:not(:disabled), .card a') ?? [])];
    const at = all.indexOf(event.target);
    all[(at + (event.key === 'ArrowDown' ? 1 : -1) + all.length) % Math.max(1, all.length)]?.focus();
  };
  return (
    <div class={`popover ${className}`} ref={place} onKeyDown={onKeyDown}>
      <button type="button" ref={opener} aria-haspopup="true" aria-expanded={open} title={label} onClick={() => setOpen(!open)}>
        {button}
      </button>
      {open ? (
        <div class="card" role="group" aria-label={label}>
          {children}
        </div>
      ) : null}
    </div>
  );
}
