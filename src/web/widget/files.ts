/** What may be uploaded. The server checks the bytes again; this only spares the citizen a wait. */
const ACCEPTED_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'application/pdf'] as const;

export const ACCEPT_ATTRIBUTE = ACCEPTED_TYPES.join(',');
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

export type FileFault = 'type' | 'size';

export function checkFile(file: { readonly type: string; readonly size: number }): FileFault | null {
  if (!ACCEPTED_TYPES.some((type) => type === file.type)) return 'type';
  return file.size > MAX_FILE_BYTES || file.size === 0 ? 'size' : null;
}

/** Longest message, in characters as people count them. */
export const MAX_TEXT = 1000;
/** From here on the counter is shown. */
export const SHOW_COUNTER_AT = 800;
