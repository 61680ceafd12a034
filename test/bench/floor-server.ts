import Client from 'better-sqlite3';
import Fastify from 'fastify';

/** The floor, as a process of its own: a bare Fastify route with one committed insert a request. Arguments: file, port. */

const database = new Client(process.argv[2] ?? ':memory:');
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('create table if not exists messages (id integer primary key, at integer not null, body text not null)');
const insert = database.prepare('insert into messages (at, body) values (?, ?)');

const app = Fastify();
app.post('/', async (request) => {
  const { lastInsertRowid } = insert.run(Date.now(), JSON.stringify(request.body));
  return { id: Number(lastInsertRowid) };
});
process.on('disconnect', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(process.argv[3]) });
process.send?.('ready');
