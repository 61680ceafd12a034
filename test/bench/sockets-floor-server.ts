import { WebSocketServer } from 'ws';

/** The floor of sockets, as a process of its own: `ws` and nothing else. Collects its garbage on SIGUSR2 (needs --expose-gc). */

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
process.on('SIGUSR2', () => void globalThis.gc?.());
process.on('disconnect', () => process.exit(0));
server.once('listening', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});
