'use strict';
/*
 * Runs the npm package open311 0.0.12 against a server and prints what it got, as JSON. Usage: node open311-client.cjs FOLDER URL KEY
 * FOLDER holds node_modules with open311, request and lodash 0.6. Its two XML readers are gone from where the package looks for them
 * (a git address and a native build that is dead); the JSON format never calls them, so empty modules stand in: the caller names their
 * folder in NODE_PATH.
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [folder, url, apiKey] = process.argv.slice(2);
const Open311 = createRequire(join(folder, 'package.json'))('open311');

/** Callbacks of the form (error, data); an error is part of the answer. */
const ask = (client, method, ...args) => new Promise((resolve) => client[method](...args, (error, data) => resolve({ error, data })));

(async () => {
  const client = new Open311({ discovery: `${url}/open311/discovery.json`, jurisdiction: 'dg.gov.cn', apiKey });
  const discovery = await ask(client, 'serviceDiscovery', { cache: true, type: 'test' });
  const endpoint = client.endpoint;
  const services = await ask(client, 'serviceList');
  const [service] = services.data;
  const definition = await ask(client, 'serviceDefinition', service.service_code);
  const report = { service_code: service.service_code, lat: 22.96, long: 113.78, address_string: '望京街', description: '工地半夜还在打桩', attributes: { A1: 'x', B: ['m1', 'm2'] } };
  const first = await ask(client, 'submitRequest', report);
  const second = await ask(client, 'submitRequest', { ...report, description: '路灯不亮' });
  const stranger = await ask(new Open311({ endpoint, jurisdiction: 'dg.gov.cn', apiKey: 'made-up' }), 'submitRequest', report);
  const ids = [first, second].map(({ data }) => data[0].service_request_id);
  const one = await ask(client, 'serviceRequest', ids[0]);
  const many = await ask(client, 'serviceRequests', ids, { status: 'open' });
  const token = await ask(client, 'token', ids[0]);
  process.stdout.write(JSON.stringify({ discovery, endpoint, services, definition, first, second, stranger, one, many, token }));
})();
