import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualItem } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';

export interface Virtual {
  readonly box: { current: HTMLDivElement | null };
  /** What is to be drawn, from top to bottom. */
  readonly items: readonly VirtualItem[];
  /** Height of everything, px. */
  readonly total: number;
  /** To be the `ref` of every drawn row, which also carries `data-index`. */
  measure(element: Element | null): void;
  /** Brings a row into view. */
  show(index: number, align?: 'auto' | 'start' | 'end'): void;
  toEnd(): void;
  /** True while the last row is in view. */
  atEnd(): boolean;
}

export interface VirtualOptions {
  readonly count: number;
  /** The same for a row wherever it stands. */
  readonly keyOf: (index: number) => string;
  /** Height of a row that was not measured yet, px. */
  readonly estimate: number;
  /** The list grows upwards and is read from its end. */
  readonly fromEnd?: boolean;
}

const NEAR_END_PX = 120;
const OVERSCAN = 8;

/**
 * Draws only what is in view of a list of any length. Rows have their own heights and are measured as they appear. What is added before
 * the first visible row (older messages) does not move what is being read.
 */
export function useVirtual({ count, keyOf, estimate, fromEnd = false }: VirtualOptions): Virtual {
  const box = useRef<HTMLDivElement | null>(null);
  const [, redraw] = useReducer((value: number) => value + 1, 0);
  const first = useRef<{ readonly key: string; readonly count: number }>({ key: '', count: 0 });
  const following = useRef(true);
  const held = useRef<Virtualizer<HTMLDivElement, Element> | null>(null);
  const options = {
    count,
    getItemKey: keyOf,
    estimateSize: () => estimate,
    getScrollElement: () => box.current,
    overscan: OVERSCAN,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw(0),
  };
  held.current ??= new Virtualizer<HTMLDivElement, Element>(options);
  const virtual = held.current;
  virtual.setOptions(options);

  useEffect(() => virtual['_didMount'](), [virtual]);
  useLayoutEffect(() => virtual['_willUpdate']());

  const toEnd = (): void => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };
  const atEnd = (): boolean => {
    const element = box.current;
    return element === null || element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
  };

  // Older rows came in front: the offset grows by what they are thought to need, and is mended as they are measured.
  useLayoutEffect(() => {
    const before = first.current;
    const key = count === 0 ? '' : keyOf(0);
    first.current = { key, count };
    const element = box.current;
    if (!fromEnd || element === null || before.key === '' || before.key === key) return;
    for (let at = 1; at < count; at += 1) {
      if (keyOf(at) !== before.key) continue;
      const start = virtual.measurementsCache[at]?.start ?? at * estimate;
      element.scrollTop += start;
      return;
    }
  });
  const total = virtual.getTotalSize();
  useLayoutEffect(() => {
    if (fromEnd && following.current) toEnd();
  }, [total, fromEnd]);
  useEffect(() => {
    const element = box.current;
    if (element === null || !fromEnd) return;
    const onScroll = (): void => void (following.current = atEnd());
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [fromEnd]);

  return {
    box,
    items: virtual.getVirtualItems(),
    total,
    measure: (element) => virtual.measureElement(element),
    show: (index, align = 'auto') => virtual.scrollToIndex(index, { align }),
    toEnd: () => {
      following.current = true;
      toEnd();
    },
    atEnd,
  };
}
