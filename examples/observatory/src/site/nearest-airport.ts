import type { Airport } from "./measurements.ts";

/** The answer of the service at /api/v1/nearest-airport. */
export interface NearestAirport {
  readonly iata: string;
  readonly kilometres: number;
}

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const EARTH_RADIUS = 6_371;

/** The airport that is nearest to a place, over the surface of a round earth. */
export function nearestAirport(airports: readonly Airport[], place: Place): NearestAirport {
  let nearest = airports[0]!;
  let least = Infinity;
  for (const airport of airports) {
    const distance = haversine(airport, place);
    if (distance >= least) continue;
    nearest = airport;
    least = distance;
  }
  const kilometres = 2 * EARTH_RADIUS * Math.asin(Math.sqrt(Math.min(1, least)));
  return { iata: nearest.iata, kilometres: Math.round(kilometres) };
}

/** Grows with the distance. @see https://en.wikipedia.org/wiki/Haversine_formula */
function haversine(one: Place, other: Place): number {
  const north = Math.sin(radians(one.latitude - other.latitude) / 2) ** 2;
  const east = Math.sin(radians(one.longitude - other.longitude) / 2) ** 2;
  return north + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * east;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
