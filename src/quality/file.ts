import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { faultsError, readYaml } from '../config/files.ts';
import { QualityFileSchema, type QualityRules, readRules } from './rules.ts';

/**
 * The rules of a checkout: config/quality.yaml, or another file.
 * @throws AppError `config.invalid` with every fault, its file, line and column
 */
export function loadQuality(root: string, path = join(root, 'config', 'quality.yaml')): QualityRules {
  const file = readYaml(path.startsWith(root) ? root : dirname(path), path, QualityFileSchema);
  if (file.value === null) throw faultsError(file.faults);
  const { value, faults } = readRules(file.value);
  if (value === null) throw faultsError(faults.map(({ pointer, message }) => file.fault(pointer, message)));
  return value;
}

/** `3-1a2b3c4d`: the edition that the file tells, and what was really in it. */
export function versionOf(rules: QualityRules): string {
  return `${rules.version}-${createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 8)}`;
}
