export { ApiProcess } from "./api-process.ts";
export { ApiServer, type ApiServerOptions } from "./api-server.ts";
export { busiestWindow } from "./request-log.ts";
