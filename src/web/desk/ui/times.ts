import { dayHeading as dayHeadingIn, waited as waitedIn } from '../../shared/format.ts';
import { language } from '../language.ts';

/** Times as the language that is chosen says them; always Asia/Shanghai's. */

/** How long somebody waits. */
export const waited = (ms: number): string => waitedIn(ms, language.value);

/** The heading of a day in a transcript. */
export const dayHeading = (at: number, now: number): string => dayHeadingIn(at, now, language.value);
