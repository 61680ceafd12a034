import type { Static } from 'typebox';
import type { CityData } from '../../../../config/city.ts';
import { STATE_NAMES } from '../../../../knowledge/index.ts';
import type { KnowledgeRevision, KnowledgeRow, KnowledgeTask, Repositories } from '../../../../store/contract.ts';
import type { RevisionView, RowView, TaskView } from './schemas.ts';

/** Rows of the store as the desk reads them. */

export function rowView(city: Pick<CityData, 'departments'>, { id, state, origin, revision, updatedAt, entry }: KnowledgeRow): Static<typeof RowView> {
  return {
    id, state, origin, revision, updatedAt, module: entry.module, question: entry.question, department: entry.department,
    departmentName: city.departments.find((department) => department.id === entry.department)?.name ?? entry.department,
    owner: entry.owner ?? null, audience: entry.audience ?? 'public', effectiveFrom: entry.effectiveFrom, expiresOn: entry.expiresOn ?? null, reviewOn: entry.reviewOn ?? null,
  };
}

/** Names of seats by id, each read once. */
export function createNames(repos: Pick<Repositories, 'seats'>): (id: string) => Promise<string> {
  const known = new Map<string, string>([['system', '系统']]);
  return async (id) => {
    const name = known.get(id) ?? (await repos.seats.get(id))?.displayName ?? '坐席';
    known.set(id, name);
    return name;
  };
}

export async function revisionViews(repos: Pick<Repositories, 'seats'>, revisions: readonly KnowledgeRevision[]): Promise<Static<typeof RevisionView>[]> {
  const nameOf = createNames(repos);
  const views: Static<typeof RevisionView>[] = [];
  for (const revision of revisions) views.push(await viewOf(nameOf, revision));
  return views;
}

export function revisionView(repos: Pick<Repositories, 'seats'>, revision: KnowledgeRevision): Promise<Static<typeof RevisionView>> {
  return viewOf(createNames(repos), revision);
}

async function viewOf(nameOf: (id: string) => Promise<string>, revision: KnowledgeRevision): Promise<Static<typeof RevisionView>> {
  return {
    ...revision, stateName: STATE_NAMES[revision.state], authorName: await nameOf(revision.author), editedByName: await nameOf(revision.editedBy),
    reviewerName: revision.reviewer === null ? null : await nameOf(revision.reviewer),
  };
}

export async function taskViews(repos: Pick<Repositories, 'seats' | 'knowledge'>, tasks: readonly KnowledgeTask[]): Promise<Static<typeof TaskView>[]> {
  const nameOf = createNames(repos);
  const views: Static<typeof TaskView>[] = [];
  for (const { key: _inner, ...task } of tasks) {
    views.push({
      ...task, question: task.entryId === null ? null : ((await repos.knowledge.row(task.entryId))?.entry.question ?? null), createdByName: await nameOf(task.createdBy),
      closedByName: task.closedBy === null ? null : await nameOf(task.closedBy),
    });
  }
  return views;
}
