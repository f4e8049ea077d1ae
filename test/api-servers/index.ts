export { ApiProcess } from "./api-process.ts";
export { ApiServer, type ApiServerOptions } from "./api-server.ts";
export { embedding } from "./apis/openai.ts";
export type { Fault, FaultPlan } from "./faults.ts";
export type { AccountLimits, Costs, Dimension } from "./limits/account.ts";
export { type LoggedRequest, type Outcome, RequestLog, busiestWindow } from "./request-log.ts";
