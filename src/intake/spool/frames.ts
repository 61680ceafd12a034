import { crc32 } from 'node:zlib';

/**
 * How records lie in a spool file: magic (4 bytes), length of the payload (4, big endian), CRC-32 of length and payload
 * (4), payload; one after the other, then zeros. A crash can leave the last ones half written; a bad disk can spoil one in
 * the middle. Pure.
 */

/** 0xF5 is in no UTF-8 text, hence in no sealed payload: a frame's start is never found inside another's payload. */
const MAGIC = Buffer.from([0xf5, 0x59, 0x53, 0x31]);
const HEADER_BYTES = 12;

/** Bytes that a payload takes in the file. */
export function frameBytes(payload: Buffer): number {
  return HEADER_BYTES + payload.length;
}

export function encodeFrame(payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(frameBytes(payload));
  MAGIC.copy(frame);
  frame.writeUInt32BE(payload.length, 4);
  payload.copy(frame, HEADER_BYTES);
  frame.writeUInt32BE(checksum(frame, 0, payload.length), 8);
  return frame;
}

export interface FramesRead {
  readonly payloads: readonly Buffer[];
  /** Places that had to be passed over because something whole lies behind them: damage, not the end. */
  readonly damaged: number;
}

/** All whole frames, in order. What lies behind the last whole one was never acknowledged, or is nothing. */
export function readFrames(bytes: Buffer): FramesRead {
  const payloads: Buffer[] = [];
  let damaged = 0;
  for (let at = 0; at < bytes.length; ) {
    const payload = frameAt(bytes, at);
    if (payload !== null) {
      payloads.push(payload);
      at += frameBytes(payload);
      continue;
    }
    const next = nextFrame(bytes, at + 1);
    if (next === null) break;
    damaged += 1;
    at = next;
  }
  return { payloads, damaged };
}

function frameAt(bytes: Buffer, at: number): Buffer | null {
  if (at + HEADER_BYTES > bytes.length || bytes.compare(MAGIC, 0, 4, at, at + 4) !== 0) return null;
  const length = bytes.readUInt32BE(at + 4);
  const end = at + HEADER_BYTES + length;
  if (end > bytes.length || checksum(bytes, at, length) !== bytes.readUInt32BE(at + 8)) return null;
  return bytes.subarray(at + HEADER_BYTES, end);
}

function nextFrame(bytes: Buffer, from: number): number | null {
  for (let at = bytes.indexOf(MAGIC, from); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
    if (frameAt(bytes, at) !== null) return at;
  }
  return null;
}

function checksum(bytes: Buffer, at: number, length: number): number {
  return crc32(bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length), crc32(bytes.subarray(at + 4, at + 8)));
}
