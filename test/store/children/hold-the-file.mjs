import Client from 'better-sqlite3';

/** Holds the write lock of a file from the line `held` until a line comes in. Plain JavaScript: it starts without a compiler. */
const [file = ''] = process.argv.slice(2);
const client = new Client(file);
client.exec('begin immediate');
process.stdout.write('held\n');
process.stdin.once('data', () => {
  client.exec('rollback');
  client.close();
  process.exit(0);
});
