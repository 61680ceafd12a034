import type { ChannelModule } from '../../src/channel/contract.ts';
import { createGuard, SECRET_MIN_CHARS, type Guard } from '../../src/channel/guard.ts';
import { AppError } from '../../src/domain/errors.ts';

export interface VxmlConfig {
  readonly guard: Guard;
  /** Path prefix of PUBLIC_URL ('' or '/prefix'). */
  readonly pathPrefix: string;
  /** Address of the platform's grammar for free speech, by language; null: keys only. */
  readonly speechGrammar: string | null;
  readonly speechGrammarCantonese: string | null;
  readonly speechGrammarEnglish: string | null;
  /** A telephone that rings when a caller waits for a person; null: callers wait for the desk only. */
  readonly seatNumber: string | null;
}

export const settings: ChannelModule['settings'] = [
  { name: 'VXML_SECRET', required: true, secret: true, about: `Secret in the address that the platform fetches, ${SECRET_MIN_CHARS} or more letters, digits, - and _. Without it this telephone is off.` },
  { name: 'VXML_ALLOW', required: false, secret: false, about: 'Addresses and networks the platform may come from, comma separated; empty: anywhere.' },
  { name: 'VXML_SPEECH_GRAMMAR', required: false, secret: false, about: 'Address of the platform’s Mandarin grammar for free speech (the standard has none); empty: callers answer by keys.' },
  { name: 'VXML_SPEECH_GRAMMAR_HK', required: false, secret: false, about: 'The same for Cantonese.' },
  { name: 'VXML_SPEECH_GRAMMAR_EN', required: false, secret: false, about: 'The same for English.' },
  { name: 'VXML_SEAT_NUMBER', required: false, secret: false, about: 'Telephone number (E.164) that rings when a caller waits for a person; empty: the caller waits for the desk.' },
];

/**
 * Reads the channel's settings.
 * @returns the configuration, or the names of the missing settings
 * @throws AppError `settings.invalid` naming every wrong variable; values are never repeated
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, publicUrl: string): VxmlConfig | { readonly missing: readonly string[] } {
  const read = (name: string): string => env[name]?.trim() ?? '';
  const orNull = (name: string): string | null => (read(name) === '' ? null : read(name));
  const seatNumber = read('VXML_SEAT_NUMBER').replace(/[\s-]/g, '');
  const [secret, allow, grammar, cantonese, english] = [read('VXML_SECRET'), read('VXML_ALLOW'), orNull('VXML_SPEECH_GRAMMAR'), orNull('VXML_SPEECH_GRAMMAR_HK'), orNull('VXML_SPEECH_GRAMMAR_EN')];

  const faults: string[] = [];
  const guard = createGuard({ secret: secret === '' ? 'x'.repeat(SECRET_MIN_CHARS) : secret, allow });
  if ('faults' in guard) {
    if (guard.faults.includes('secret')) faults.push(`VXML_SECRET: ${SECRET_MIN_CHARS} to 200 letters, digits, - and _`);
    if (guard.faults.includes('allow')) faults.push('VXML_ALLOW: addresses and networks such as 10.0.0.0/8, 192.0.2.7, parted by commas');
  }
  for (const [name, value] of [['VXML_SPEECH_GRAMMAR', grammar], ['VXML_SPEECH_GRAMMAR_HK', cantonese], ['VXML_SPEECH_GRAMMAR_EN', english]] as const) if (value !== null && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(value)) faults.push(`${name}: must be an address with a scheme (builtin:…, http://…)`);
  if (seatNumber !== '' && !/^\+?\d{3,15}$/.test(seatNumber)) faults.push('VXML_SEAT_NUMBER: must be a telephone number of 3 to 15 digits, with or without +');
  if (faults.length > 0 || 'faults' in guard) throw new AppError('settings.invalid', `settings have faults:\n  ${faults.join('\n  ')}`, { status: 500 });
  if (secret === '') return { missing: ['VXML_SECRET'] };
  return {
    guard,
    pathPrefix: /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(\/[^?#]*?)?\/*$/i.exec(publicUrl)?.[1] ?? '',
    speechGrammar: grammar,
    speechGrammarCantonese: cantonese,
    speechGrammarEnglish: english,
    seatNumber: seatNumber === '' ? null : seatNumber,
  };
}
