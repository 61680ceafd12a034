import type { ChannelModule } from '../../src/channel/contract.ts';
import { createGuard, SECRET_MIN_CHARS, type Guard } from '../../src/channel/guard.ts';
import { AppError } from '../../src/domain/errors.ts';

export interface AliyunConfig {
  readonly guard: Guard;
  /** A telephone that the call is passed to when a person is wanted; null: callers wait for the desk only. */
  readonly seatNumber: string | null;
}

export const settings: ChannelModule['settings'] = [
  { name: 'ALIYUN_IVR_SECRET', required: true, secret: true, about: `Secret in the addresses that Aliyun calls back, ${SECRET_MIN_CHARS} or more letters, digits, - and _. Without it this telephone is off.` },
  { name: 'ALIYUN_IVR_ALLOW', required: false, secret: false, about: 'Addresses and networks the callbacks may come from, comma separated; empty: anywhere.' },
  { name: 'ALIYUN_IVR_SEAT_NUMBER', required: false, secret: false, about: 'Telephone number that the call is passed to when a caller wants a person; empty: the caller waits for the desk.' },
];

/**
 * Reads the channel's settings.
 * @returns the configuration, or the names of the missing settings
 * @throws AppError `settings.invalid` naming every wrong variable; values are never repeated
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): AliyunConfig | { readonly missing: readonly string[] } {
  const read = (name: string): string => env[name]?.trim() ?? '';
  const [secret, allow, seatNumber] = [read('ALIYUN_IVR_SECRET'), read('ALIYUN_IVR_ALLOW'), read('ALIYUN_IVR_SEAT_NUMBER').replace(/[\s-]/g, '')];

  const faults: string[] = [];
  const guard = createGuard({ secret: secret === '' ? 'x'.repeat(SECRET_MIN_CHARS) : secret, allow });
  if ('faults' in guard) {
    if (guard.faults.includes('secret')) faults.push(`ALIYUN_IVR_SECRET: ${SECRET_MIN_CHARS} to 200 letters, digits, - and _`);
    if (guard.faults.includes('allow')) faults.push('ALIYUN_IVR_ALLOW: addresses and networks such as 10.0.0.0/8, 192.0.2.7, parted by commas');
  }
  if (seatNumber !== '' && !/^\+?\d{3,15}$/.test(seatNumber)) faults.push('ALIYUN_IVR_SEAT_NUMBER: must be a telephone number of 3 to 15 digits, with or without +');
  if (faults.length > 0 || 'faults' in guard) throw new AppError('settings.invalid', `settings have faults:\n  ${faults.join('\n  ')}`, { status: 500 });
  if (secret === '') return { missing: ['ALIYUN_IVR_SECRET'] };
  return { guard, seatNumber: seatNumber === '' ? null : seatNumber };
}
