import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { InspectionFrame } from '../../shared/quality-types.ts';

/** What became of inspections that concern this seat since the page was opened; the quality page has them all. */

export interface InspectionNews extends Omit<InspectionFrame, 'type'> {
  readonly at: number;
  readonly read: boolean;
}

export interface InspectionNotices {
  readonly list: ReadonlySignal<readonly InspectionNews[]>;
  readonly unread: ReadonlySignal<number>;
  /** The newest of each inspection stays. */
  heard(frame: InspectionFrame): void;
  looked(id: string): void;
  readAll(): void;
  clear(): void;
}

const KEPT = 30;

export function createInspectionNotices(now: () => number): InspectionNotices {
  const list = signal<readonly InspectionNews[]>([]);
  const mark = (ids: (one: InspectionNews) => boolean): void => {
    list.value = list.value.map((one) => (ids(one) && !one.read ? { ...one, read: true } : one));
  };
  return {
    list,
    unread: computed(() => list.value.filter(({ read }) => !read).length),
    heard: ({ inspectionId, move, score }) => {
      list.value = [{ inspectionId, move, score, at: now(), read: false }, ...list.value.filter((one) => one.inspectionId !== inspectionId)].slice(0, KEPT);
    },
    looked: (id) => mark((one) => one.inspectionId === id),
    readAll: () => mark(() => true),
    clear: () => {
      list.value = [];
    },
  };
}
