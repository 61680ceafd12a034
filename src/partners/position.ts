/**
 * A position as words of a ticket's place: no map data ships with the house, so nobody can tell a town from it; the department reads it,
 * and the partner gets it back. GeoReport positions are WGS-84; Chinese maps show GCJ-02 or BD-09, some hundred metres beside.
 */
export interface Position {
  readonly lat: number;
  readonly long: number;
}

/** Decimals kept: 0.1 m. */
const DECIMALS = 6;
const WRITTEN = /WGS-84 (-?\d{1,2}\.\d{6}),(-?\d{1,3}\.\d{6})/;

export function writePosition({ lat, long }: Position): string {
  return `WGS-84 ${lat.toFixed(DECIMALS)},${long.toFixed(DECIMALS)}`;
}

/** What `writePosition` wrote somewhere in a text; null: nothing. */
export function readPosition(text: string | null): Position | null {
  const match = text === null ? null : WRITTEN.exec(text);
  return match === null ? null : { lat: Number(match[1]), long: Number(match[2]) };
}

/**
 * GCJ-02 (the obfuscated datum of Chinese maps) to WGS-84, to about a centimetre: the published forward shift, inverted by iteration.
 * Outside of China both are the same.
 */
export function fromGcj02(given: Position): Position {
  let guess = given;
  for (let round = 0; round < 6; round += 1) {
    const { lat, long } = toGcj02(guess);
    guess = { lat: guess.lat + given.lat - lat, long: guess.long + given.long - long };
  }
  return guess;
}

/** Krasovsky 1940: semi-major axis in metres, first eccentricity squared. */
const AXIS = 6_378_245;
const ECCENTRICITY = 0.006_693_421_622_965_943;

export function toGcj02({ lat, long }: Position): Position {
  if (long < 72.004 || long > 137.8347 || lat < 0.8293 || lat > 55.8271) return { lat, long };
  const x = long - 105;
  const y = lat - 35;
  const wave = (value: number, amplitude: number): number => amplitude * Math.sin(value * Math.PI);
  const fine = (wave(6 * x, 20) + wave(2 * x, 20)) * (2 / 3);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + fine + ((wave(y, 20) + wave(y / 3, 40)) * 2) / 3 + ((wave(y / 12, 160) + wave(y / 30, 320)) * 2) / 3;
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + fine + ((wave(x, 20) + wave(x / 3, 40)) * 2) / 3 + ((wave(x / 12, 150) + wave(x / 30, 300)) * 2) / 3;
  const radians = (lat * Math.PI) / 180;
  const magic = 1 - ECCENTRICITY * Math.sin(radians) ** 2;
  return {
    lat: lat + (north * 180) / (((AXIS * (1 - ECCENTRICITY)) / (magic * Math.sqrt(magic))) * Math.PI),
    long: long + (east * 180) / ((AXIS / Math.sqrt(magic)) * Math.cos(radians) * Math.PI),
  };
}
