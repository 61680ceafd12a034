/** What the client needs from its surroundings; a test passes a fake clock and an in-memory server. */

export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface SocketHandlers {
  opened(): void;
  message(text: string): void;
  /** Called once, also when the socket never opened. */
  closed(reason: string): void;
}

export type TimerHandle = { cancel(): void };

export interface Ports {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** May throw (a blocked address): counts as a socket that closed. */
  openSocket(url: string, handlers: SocketHandlers): Socket;
  now(): number;
  after(ms: number, run: () => void): TimerHandle;
  /** In [0, 1). */
  random(): number;
  newId(): string;
  /** Session store of this tab; never throws. */
  readonly storage: { read(): string | null; write(value: string | null): void };
}

export function browserPorts(storageKey: string): Ports {
  return {
    fetch: (url, init) => fetch(url, init),
    openSocket(url, handlers) {
      const socket = new WebSocket(url);
      socket.addEventListener('open', () => handlers.opened());
      socket.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (typeof event.data === 'string') handlers.message(event.data);
      });
      socket.addEventListener('close', (event) => handlers.closed(event.reason));
      return {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        close: () => socket.close(),
      };
    },
    now: () => Date.now(),
    after(ms, run) {
      const handle = setTimeout(run, ms);
      return { cancel: () => clearTimeout(handle) };
    },
    random: () => Math.random(),
    // randomUUID exists only in secure contexts; a city's intranet page may be plain http.
    newId: () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    storage: {
      read: () => {
        try {
          return sessionStorage.getItem(storageKey);
        } catch {
          return null; // storage is blocked: the chat works, it just does not survive a reload
        }
      },
      write: (value) => {
        try {
          if (value === null) sessionStorage.removeItem(storageKey);
          else sessionStorage.setItem(storageKey, value);
        } catch {
          // see read()
        }
      },
    },
  };
}
