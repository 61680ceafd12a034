/**
 * Ticket numbers: day (YYYYMMDD, Beijing), sequence of the day (at least five digits), one check digit. Digits only, so
 * that they can be read aloud and typed on a phone. The check digit is ISO/IEC 7064 MOD 11,10: it finds every single
 * wrong digit and nearly every swap of neighbours.
 */

const SEQUENCE_DIGITS = 5;

/** ISO/IEC 7064 hybrid system MOD 11,10 over decimal digits. */
function checkDigit(digits: string): string {
  let carry = 10;
  for (const char of digits) {
    const sum = (carry + Number(char)) % 10;
    carry = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return String((11 - carry) % 10);
}

/**
 * @param day `YYYYMMDD` in Beijing time
 * @param sequence 1, 2, 3 … of that day; above 99,999 the number grows by a digit
 */
export function makeTicketNumber(day: string, sequence: number): string {
  if (!/^\d{8}$/.test(day)) throw new RangeError('day must be YYYYMMDD');
  if (!Number.isSafeInteger(sequence) || sequence < 1) throw new RangeError('sequence must be a positive integer');
  const body = day + String(sequence).padStart(SEQUENCE_DIGITS, '0');
  return body + checkDigit(body);
}

/** True for a well-formed number whose check digit holds. Says nothing about whether such a ticket exists. */
export function isTicketNumber(text: string): boolean {
  if (!/^20\d{12,14}$/.test(text)) return false;
  const month = Number(text.slice(4, 6));
  const day = Number(text.slice(6, 8));
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  return checkDigit(text.slice(0, -1)) === text.slice(-1);
}

/** Groups for reading aloud and for the eye: `20261122 00018 7`. */
export function groupTicketNumber(number: string): string {
  return `${number.slice(0, 8)} ${number.slice(8, -1)} ${number.slice(-1)}`;
}
