import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { faultsError } from './files.ts';

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
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
        .map((entry) => join(folder, entry.name, 'flow.yaml'))
        .sort()
    : [];
  const dialog = join(root, 'config', 'dialog.yaml');
  // A folder without its flow.yaml (misspelt, say) would be a flow that nobody misses until a citizen does.
  const missing = [...flows, dialog].filter((path) => !existsSync(path));
  if (missing.length > 0) throw faultsError(missing.map((path) => ({ file: name(root, path), line: 1, column: 1, message: 'the file is missing' })));
  return { flows: flows.map((path) => text(root, path)), dialog: text(root, dialog) };
}

function text(root: string, path: string): FileText {
  return { path: name(root, path), text: readFileSync(path, 'utf8') };
}

function name(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/');
}
