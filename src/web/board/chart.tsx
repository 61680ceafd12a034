import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { openChart, type ECharts, type Look, type Option } from './charts.ts';

/** Pixels of one rem as the style sheet has set it for this screen. */
export const remOf = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

interface ChartProps {
  /** Made anew when the picture, the theme or the size of the screen changes. */
  readonly option: (look: Look) => Option;
  readonly theme: Look['theme'];
  readonly moves: boolean;
  /** Changes when there is something new to draw. */
  readonly of: unknown;
}

/** Paint for the eye; the figures are in the table that stands beside it. */
export function Chart({ option, theme, moves, of }: ChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const drawn = useRef(option);
  drawn.current = option;

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const opened = openChart(element);
    chart.current = opened;
    const watch = new ResizeObserver(() => {
      opened.resize();
      opened.setOption(drawn.current({ theme, rem: remOf(), moves: false }), { notMerge: true });
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      opened.dispose();
      chart.current = null;
    };
  }, [theme]);
  useEffect(() => {
    chart.current?.setOption(option({ theme, rem: remOf(), moves }), { notMerge: false, replaceMerge: ['series'] });
  }, [of, theme, moves]);
  return <div class="chart" ref={box} aria-hidden="true" />;
}
