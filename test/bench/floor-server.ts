import Client from 'better-sqlite3';
import Fastify from 'fastify';

/**
 * The floor, as a process of its own: a bare Fastify route with one committed insert a request; and, for information, one
 * that commits what has come in one turn of the event loop together. Argument: file.
 */

const database = new Client(process.argv[2] ?? ':memory:');
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('create table if not exists messages (id integer primary key, at integer not null, body text not null)');
const insert = database.prepare('insert into messages (at, body) values (?, ?)');

const waiting: { readonly body: string; readonly done: (id: number) => void }[] = [];
const commit = database.transaction((group: typeof waiting) => group.map(({ body }) => Number(insert.run(Date.now(), body).lastInsertRowid)));

function commitGroup(): void {
  const group = waiting.splice(0);
  const ids = commit(group);
  for (const [index, { done }] of group.entries()) done(ids[index] ?? 0);
}

const app = Fastify();
app.post('/', async (request) => {
  const { lastInsertRowid } = insert.run(Date.now(), JSON.stringify(request.body));
  return { id: Number(lastInsertRowid) };
});
app.post('/group', async (request) => {
  const id = await new Promise<number>((done) => {
    waiting.push({ body: JSON.stringify(request.body), done });
    if (waiting.length === 1) setImmediate(commitGroup);
  });
  return { id };
});
process.on('disconnect', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
