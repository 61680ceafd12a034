import { language } from '../language.ts';
import { CLIENT as w } from '../words.ts';
import { ENGLISH_ERRORS, ENGLISH_STATUS } from './error-words.ts';

/**
 * A refusal as the language that is chosen says it. The server speaks Chinese; in English the code decides, and where it is not known the status,
 * with the server's words behind it.
 */
export function refusalText(status: number, code: string, said: string): string {
  if (language.value !== 'en') return said || w.theServerRefusedThe(status);
  const known = ENGLISH_ERRORS[code];
  if (known !== undefined) return known;
  const general = status >= 500 ? ENGLISH_ERRORS['http.failed'] : ENGLISH_STATUS[status];
  if (general === undefined) return w.theServerRefusedThe(status);
  return said === '' || status >= 500 ? general : `${general} (${said})`;
}
