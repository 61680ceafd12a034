import { codeOf } from '../domain/errors.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';

/**
 * Traces of a message's way, from its webhook to the last send: which stage took how long, and where it broke. Attributes are
 * names, codes and ids; never words, numbers or addresses of a citizen.
 */
export interface Tracer {
  /** @param parent `traceparent` (W3C Trace Context) of the span this one belongs to; null begins a trace */
  start(stage: 'webhook' | 'store' | 'turn' | 'deliver', attributes: Readonly<Record<string, string>>, parent: string | null): Span;
}

export interface Span {
  /** How others hang their spans under this one, also through an outbox row; null when nobody traces. */
  readonly traceparent: string | null;
  end(outcome?: { readonly failed: string }): void;
}

const NO_SPAN: Span = { traceparent: null, end: () => undefined };
export const NO_TRACES: Tracer = { start: () => NO_SPAN };

/** Runs `work` as a span and ends it with the code of what it throws. */
export async function traced<Result>(span: Span, work: (span: Span) => Promise<Result>): Promise<Result> {
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end({ failed: codeOf(error) });
    throw error;
  }
}

/** An outbox row's payload, with the trace its work belongs to. */
export function withTrace(payload: JsonObject, traceparent: string | null): JsonObject {
  return traceparent === null ? payload : { ...payload, trace: traceparent };
}

export function traceOf(payload: JsonValue): string | null {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return null;
  const { trace } = payload;
  return typeof trace === 'string' ? trace : null;
}
