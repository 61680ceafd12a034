import type { JSX } from 'preact';
import { Dialog } from '../ui/dialog.tsx';
import type { Picture } from './message.tsx';
import { LIGHTBOX as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

/** A picture in its size; Esc and a press beside it close it. */
export function Lightbox({ picture, onClose }: { readonly picture: Picture; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title={picture.name} onClose={onClose} className="lightbox">
      <img src={picture.href} alt={picture.name} />
      <div class="buttons">
        <a class="button" href={picture.href} target="_blank" rel="noopener noreferrer">
          {w.openInANew}
        </a>
        <button type="button" onClick={onClose}>
          {common.close}
        </button>
      </div>
    </Dialog>
  );
}
