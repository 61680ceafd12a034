import { createHash } from 'node:crypto';
import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import type { Store } from '../../store/contract.ts';
import { fieldText } from '../files/faults.ts';
import { fingerprint } from '../files/tidy.ts';
import type { Finding } from './types.ts';

/** Findings as tasks of those who keep the entries. */

export interface TaskContext {
  readonly store: Pick<Store, 'write'>;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Tasks of one transaction. */
const BATCH = 200;

/**
 * Makes a task of each error and warning. One that was found before and whose entry has not changed since makes no second
 * task, also when the first was dismissed; a changed entry is judged anew.
 * @param by seat id, or `system`
 * @returns how many tasks are new
 */
export async function addLintTasks(context: TaskContext, findings: readonly Finding[], entries: readonly KnowledgeEntry[], by: string): Promise<number> {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const wanted = findings.filter(({ severity }) => severity !== 'hint');
  let added = 0;
  for (let at = 0; at < wanted.length; at += BATCH) {
    const batch = wanted.slice(at, at + BATCH);
    added += await context.store.write(async (repos) => {
      let fresh = 0;
      for (const finding of batch) {
        const [entryId] = finding.entryIds;
        const task = {
          id: context.newId(), key: taskKey(finding, byId), kind: 'lint' as const, entryId, owner: byId.get(entryId)?.owner ?? null, text: taskText(finding),
          conversationId: null, createdBy: by, createdAt: context.now(), dueOn: null,
        };
        if (await repos.knowledgeTasks.add(task)) fresh += 1;
      }
      return fresh;
    });
  }
  return added;
}

/** `lint:<rule>:<entry>:<digest>`; the digest is over all that the finding was made from. */
export function taskKey({ rule, field, entryIds }: Finding, entries: ReadonlyMap<string, KnowledgeEntry>): string {
  const made = entryIds.map((id) => `${id}\n${fingerprint(entries.get(id) ?? {})}`).sort().join('\n');
  return `lint:${rule}:${entryIds[0]}:${createHash('sha256').update(`${field ?? ''}\n${made}`).digest('hex').slice(0, 16)}`;
}

function taskText({ field, text, mend, entryIds }: Finding): string {
  const others = entryIds.slice(1);
  return `${field === null ? '' : `[${fieldText(field)}] `}${text}${others.length === 0 ? '' : `（另见 ${others.join('、')}）`}。${mend}。`;
}
