/**
 * Puts text into a box with the caret between its two parts, at once: a caret that is moved after the next frame tears apart what a
 * quick hand has typed by then. The caller's state follows.
 */
export function placeText(box: HTMLTextAreaElement | null, before: string, after: string): void {
  if (box === null) return;
  box.value = before + after;
  box.setSelectionRange(before.length, before.length);
}
