export { isCorrection, readChoice, readYesNo, splitCorrection } from './answers.ts';
export { findNames } from './names.ts';
export { normalizeText } from './normalize.ts';
export { findNumbers, findPhones, findTicketNumbers } from './numbers.ts';
export { findPlaces } from './places.ts';
export { findTimes } from './times.ts';
