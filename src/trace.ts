import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Span as OtelSpan, type Context } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Span, Tracer } from './intake/trace.ts';

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/**
 * Spans to an OpenTelemetry collector by OTLP over HTTP. Loaded only when a collector is named: the library is not small. The
 * standard variables of OpenTelemetry (OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS …) are heeded by the library itself.
 * @param endpoint base address of the collector, `http://collector:4318` (OTEL_EXPORTER_OTLP_ENDPOINT)
 */
export function createTracing(endpoint: string, facts: { readonly version: string; readonly instance: string }): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'yihu', 'service.version': facts.version, 'service.instance.id': facts.instance }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const otel = provider.getTracer('yihu');
  return {
    tracer: { start: (stage, attributes, parent) => asSpan(otel.startSpan(stage, { attributes }, parentContext(parent))) },
    stop: async () => {
      // A collector that is away must not hold up a stop, nor fail it.
      await provider.shutdown().catch(() => undefined);
    },
  };
}

function asSpan(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`,
    end: (outcome) => {
      if (outcome !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.failed });
      span.end();
    },
  };
}

/** W3C Trace Context, level 1, 3.2: version-traceid-parentid-flags. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-0([01])$/;

function parentContext(traceparent: string | null): Context {
  const [, traceId, spanId, sampled] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled === '1' ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true });
}
