import { networkInterfaces } from "node:os";

/** Whether this machine has `::1`; containers often have not. What needs it is skipped there, and named in the summary of `npm test`. */
export const hasIpv6: boolean = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === "::1");
