import type { SocketAddress } from "../transport/protocol.ts";

/**
 * Addresses with their families taking turns, the order within a family kept: the first `firstCount` are of the family of the
 * first one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8305#section-4
 */
export function interleaved(addresses: readonly SocketAddress[], firstCount: number): readonly SocketAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0].family);
  const second = addresses.filter(({ family }) => family !== addresses[0].family);
  const order = first.splice(0, firstCount - 1);
  for (let i = 0; i < Math.max(first.length, second.length); i++)
    for (const family of [first, second]) if (i < family.length) order.push(family[i]);
  return order;
}
