import type { JSX } from 'preact';
import { Dialog } from '../ui/dialog.tsx';
import type { Picture } from './message.tsx';

/** A picture in its size; Esc and a press beside it close it. */
export function Lightbox({ picture, onClose }: { readonly picture: Picture; readonly onClose: () => void }): JSX.Element {
  return (
    <Dialog title={picture.name} onClose={onClose} className="lightbox">
      <img src={picture.href} alt={picture.name} />
      <div class="buttons">
        <a class="button" href={picture.href} target="_blank" rel="noopener noreferrer">
          在新窗口打开
        </a>
        <button type="button" onClick={onClose}>
          关闭
        </button>
      </div>
    </Dialog>
  );
}
