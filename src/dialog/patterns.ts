import type { Message } from './listen.ts';
import { createPatternIndex } from './pattern-index.ts';
import type { Program } from './program.ts';
import { onceFor } from './word-index.ts';

const worthTrying = onceFor((program: Program) => {
  const { question, rhetorical, trouble, statement, business } = program.dialog.decide;
  const index = createPatternIndex([question, rhetorical, trouble, statement, business, ...program.triggers.map((trigger) => trigger.patterns)].flat());
  return onceFor((message: Message): ReadonlySet<RegExp> => index.worthTrying(message.plain));
});

/** Patterns of `decide` and of the triggers that may match `message.plain` or a part of it; looked for once a message. */
export const patternsFor = (program: Program, message: Message): ReadonlySet<RegExp> => worthTrying(program)(message);

/** Does any of these patterns, out of `decide` or the triggers, match? `text`: `message.plain` or a part of it. */
export function matchesAny(program: Program, message: Message, patterns: readonly RegExp[], text = message.plain): boolean {
  const worth = patternsFor(program, message);
  return patterns.some((pattern) => worth.has(pattern) && pattern.test(text));
}
