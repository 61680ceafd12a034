import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A text with the path that its faults are reported under. */
export interface FileText {
  readonly path: string;
  readonly text: string;
}

/** flows/<id>/flow.yaml of every flow, sorted by id, and config/dialog.yaml. */
export function readFlowTexts(root: string): { readonly flows: readonly FileText[]; readonly dialog: FileText } {
  const folder = join(root, 'flows');
  const flows = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name, 'flow.yaml'))
        .filter((path) => existsSync(path))
        .sort()
        .map((path) => text(root, path))
    : [];
  return { flows, dialog: text(root, join(root, 'config', 'dialog.yaml')) };
}

function text(root: string, path: string): FileText {
  return { path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') };
}
