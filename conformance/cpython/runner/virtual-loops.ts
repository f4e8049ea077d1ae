import { type EventLoop, newEventLoop } from "tsyncio";
import { VirtualHost } from "../../../test/virtual-host.ts";

/** A loop factory whose loops have virtual time, and which remembers them. */
export function virtualLoops(): { loopFactory: () => EventLoop; made: EventLoop[] } {
  const made: EventLoop[] = [];
  const loopFactory = (): EventLoop => {
    const loop = newEventLoop({ host: new VirtualHost() });
    made.push(loop);
    return loop;
  };
  return { loopFactory, made };
}
