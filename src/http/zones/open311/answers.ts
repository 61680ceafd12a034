import type { Fault } from '../../../partners/fields.ts';
import type { ServiceDefinitionView, ServiceView } from '../../../partners/services.ts';
import type { RequestView } from '../../../partners/view.ts';
import { items, writeXml, type XmlElements } from './xml.ts';

/** Answers of GeoReport v2 in both formats. In JSON containers vanish into arrays and what is empty is null (the standard's Spark mapping). */
export type Format = 'json' | 'xml';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = { json: 'application/json; charset=utf-8', xml: 'text/xml; charset=utf-8' };

export interface Discovery {
  readonly changeset: string;
  readonly contact: string;
  readonly key_service: string;
  readonly endpoints: readonly { readonly specification: string; readonly url: string; readonly changeset: string; readonly type: 'production' | 'test'; readonly formats: readonly string[] }[];
}

export interface Submitted {
  readonly service_request_id: string;
  readonly service_notice: string | null;
  readonly account_id: null;
}

const list = (format: Format, root: string, item: string, values: readonly XmlElements[]): string => (format === 'json' ? JSON.stringify(values) : writeXml(root, items(item, values)));

export function discoveryText(format: Format, { endpoints, ...rest }: Discovery): string {
  if (format === 'json') return JSON.stringify({ ...rest, endpoints });
  return writeXml('discovery', { ...rest, endpoints: items('endpoint', endpoints.map(({ formats, ...endpoint }) => ({ ...endpoint, formats: items('format', formats) }))) });
}

export function servicesText(format: Format, services: readonly ServiceView[]): string {
  return list(format, 'services', 'service', services.map((service) => ({ ...service })));
}

export function definitionText(format: Format, definition: ServiceDefinitionView): string {
  if (format === 'json') return JSON.stringify(definition);
  const attributes = definition.attributes.map(({ values, ...attribute }) => ({ ...attribute, ...(values === undefined ? {} : { values: items('value', values.map((value) => ({ ...value }))) }) }));
  return writeXml('service_definition', { service_code: definition.service_code, attributes: items('attribute', attributes) });
}

export function requestsText(format: Format, requests: readonly RequestView[]): string {
  return list(format, 'service_requests', 'request', requests.map((request) => ({ ...request })));
}

export function submittedText(format: Format, submitted: Submitted): string {
  return list(format, 'service_requests', 'request', [{ ...submitted }]);
}

export function tokenText(format: Format, token: string, serviceRequestId: string): string {
  return list(format, 'service_requests', 'request', [{ token, service_request_id: serviceRequestId }]);
}

export function faultsText(format: Format, faults: readonly Fault[]): string {
  return list(format, 'errors', 'error', faults.map(({ code, description }) => ({ code, description })));
}
