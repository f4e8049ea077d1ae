// The worker of the bare channels: gives every message back.
import { parentPort } from "node:worker_threads";

if (parentPort === null) process.on("message", (x) => process.send(x));
else parentPort.on("message", (x) => parentPort.postMessage(x));
