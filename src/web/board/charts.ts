import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
import { init, use, type ECharts, type EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { clockTime } from '../shared/format.ts';
import type { BoardCounts } from '../shared/board-types.ts';

/** What of ECharts the wall draws with, and its few pictures. Every chart has a table beside it (panels.tsx), so nothing here speaks to a screen reader. */

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, CanvasRenderer]);

export type { ECharts };
export type Option = EChartsCoreOption;
export const openChart = (element: HTMLElement): ECharts => init(element, null, { renderer: 'canvas' });

/** Colours that tell apart on both grounds, also for who sees no red or green (after Okabe and Ito). */
export const SERIES = { dark: ['#56b4e9', '#e69f00', '#2fd0a0', '#f0e442', '#e58bc0', '#ff8a5c'], light: ['#0063a6', '#9a5b00', '#00735a', '#7a6a00', '#9c3d77', '#b8430f'] } as const;

export interface Look {
  readonly theme: 'dark' | 'light';
  /** Pixels of one rem: the wall grows with its screen. */
  readonly rem: number;
  readonly moves: boolean;
}

const FONT = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const INK = { dark: { text: '#c6d3e6', line: '#2c3b52', target: '#ffffff' }, light: { text: '#37455a', line: '#d3dbe6', target: '#101828' } } as const;

const base = ({ moves }: Look): Option => ({ animation: moves, animationDuration: 500, animationDurationUpdate: 500 });
const text = ({ theme, rem }: Look, size = 1): object => ({ color: INK[theme].text, fontSize: Math.round(rem * size), fontFamily: FONT });

function hourAxis(hours: readonly { readonly at: number }[], look: Look): object {
  return { type: 'category', data: hours.map(({ at }) => clockTime(at)), axisLine: { lineStyle: { color: INK[look.theme].line } }, axisTick: { show: false }, axisLabel: { ...text(look), interval: 3, hideOverlap: true } };
}

function amountAxis(look: Look): object {
  return { type: 'value', minInterval: 1, splitNumber: 3, splitLine: { lineStyle: { color: INK[look.theme].line } }, axisLabel: text(look) };
}

const grid = ({ rem }: Look, top = 2.4): object => ({ left: rem * 0.5, right: rem * 1.2, top: rem * top, bottom: rem * 0.4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' });
const legend = (look: Look): object => ({ top: 0, left: 0, itemWidth: look.rem * 1.6, itemHeight: look.rem * 0.7, itemGap: look.rem * 1.4, textStyle: text(look) });

/** Messages as bars, tickets as a line: the two differ by a hundred times at noon, so each has its own scale. */
export function trendOption({ hours }: BoardCounts, names: { readonly received: string; readonly opened: string }, look: Look): Option {
  const [first, second] = SERIES[look.theme];
  return {
    ...base(look),
    grid: grid(look),
    legend: legend(look),
    xAxis: hourAxis(hours, look),
    yAxis: [amountAxis(look), { ...amountAxis(look), splitLine: { show: false } }],
    series: [
      { type: 'bar', name: names.received, data: hours.map(({ received }) => received), itemStyle: { color: first, borderRadius: look.rem * 0.15 }, barCategoryGap: '30%' },
      { type: 'line', name: names.opened, yAxisIndex: 1, data: hours.map(({ opened }) => opened), symbol: 'none', lineStyle: { width: look.rem * 0.22, color: second }, itemStyle: { color: second } },
    ],
  };
}

/** An hour in which nobody asked has no rate: the line has a gap there. */
export function ratesOption({ hours, service }: BoardCounts, names: { readonly connected: string; readonly prompt: string }, look: Look): Option {
  const line = (name: 'connected' | 'prompt', index: 0 | 1): object => {
    const color = SERIES[look.theme][index === 0 ? 2 : 1];
    const target = service.find((rate) => rate.name === name)?.target ?? null;
    return {
      type: 'line', name: names[name], data: hours.map((hour) => (hour[name] === null ? null : Math.round(hour[name] * 1000) / 10)), connectNulls: false,
      symbol: index === 0 ? 'circle' : 'rect', symbolSize: look.rem * 0.45, lineStyle: { width: look.rem * 0.22, color, type: index === 0 ? 'solid' : [look.rem * 0.6, look.rem * 0.3] }, itemStyle: { color },
      ...(target === null ? {} : { markLine: { silent: true, symbol: 'none', animation: false, lineStyle: { color, type: 'dotted', width: look.rem * 0.14 }, label: { ...text(look, 0.95), color, formatter: `${Math.round(target * 100)}%`, position: 'end' }, data: [{ yAxis: target * 100 }] } }),
    };
  };
  return {
    ...base(look),
    grid: { ...grid(look), right: look.rem * 3.2 },
    legend: legend(look),
    xAxis: hourAxis(hours, look),
    yAxis: { ...amountAxis(look), min: ({ min }: { readonly min: number }) => Math.max(0, Math.min(70, Math.floor(min / 10) * 10)), max: 100, axisLabel: { ...text(look), formatter: '{value}%' } },
    series: [line('connected', 0), line('prompt', 1)],
  };
}

/** Bars from the top down, each with its number at its end. */
export function barsOption(rows: readonly { readonly name: string; readonly amount: number }[], look: Look): Option {
  const [color] = SERIES[look.theme];
  return {
    ...base(look),
    grid: { ...grid(look, 0.2), right: look.rem * 3.6 },
    xAxis: { type: 'value', show: false, min: 0 },
    yAxis: { type: 'category', inverse: true, data: rows.map(({ name }) => name), axisLine: { show: false }, axisTick: { show: false }, axisLabel: { ...text(look, 1.15), width: look.rem * 9, overflow: 'truncate' } },
    series: [{ type: 'bar', barWidth: '58%', data: rows.map((row) => ({ value: row.amount, itemStyle: { color, borderRadius: look.rem * 0.15 } })), label: { show: true, position: 'right', ...text(look, 1.2), fontWeight: 'bold' } }],
  };
}

export function itemsOption({ hours, items }: BoardCounts, look: Look): Option {
  const types = ['solid', 'dashed', 'dotted'] as const;
  return {
    ...base(look),
    grid: grid(look, 5.2),
    legend: { ...legend(look), type: 'plain', width: '100%', itemGap: look.rem * 0.8, textStyle: { ...text(look), width: look.rem * 8, overflow: 'truncate' } },
    xAxis: hourAxis(hours, look),
    yAxis: amountAxis(look),
    series: items.slice(0, 4).map((item, index) => {
      const color = SERIES[look.theme][index];
      return { type: 'line', name: item.name, data: item.hours, symbol: 'none', lineStyle: { width: look.rem * 0.2, color, type: types[index % types.length] }, itemStyle: { color } };
    }),
  };
}
