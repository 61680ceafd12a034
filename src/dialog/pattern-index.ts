import { mustContain } from './safe-pattern.ts';

/**
 * Which of many patterns can match a text at all? Nearly every rule of an operator cannot match without one of a few
 * characters (`怎么(?:又|还)` needs 怎); one walk over the text then leaves a handful of the hundreds to be tried.
 */
export interface PatternIndex {
  /** The patterns that may match the text, or any part of it. Those left out certainly do not. */
  worthTrying(text: string): ReadonlySet<RegExp>;
}

export function createPatternIndex(patterns: Iterable<RegExp>): PatternIndex {
  const always: RegExp[] = [];
  const byUnit = new Map<number, RegExp[]>();
  for (const pattern of patterns) {
    const needs = mustContain(pattern.source);
    if (needs === null) always.push(pattern);
    else for (const unit of unitsOf(needs)) byUnit.set(unit, [...(byUnit.get(unit) ?? []), pattern]);
  }
  return {
    worthTrying(text) {
      const worth = new Set(always);
      for (let i = 0; i < text.length; i += 1) for (const pattern of byUnit.get(text.charCodeAt(i)) ?? []) worth.add(pattern);
      return worth;
    },
  };
}

/** Patterns are tried without regard to case: by the rules of Unicode ſ is an s, and the Kelvin sign a k. */
function unitsOf(chars: ReadonlySet<string>): Set<number> {
  const units = new Set<number>();
  for (const char of chars) {
    for (const form of [char, char.toLowerCase(), char.toUpperCase()]) units.add(form.charCodeAt(0));
    if (/s/i.test(char)) units.add(0x17f);
    if (/k/i.test(char)) units.add(0x212a);
  }
  return units;
}
