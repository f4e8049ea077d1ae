import {
  type ClientTls,
  type ClientTlsOptions,
  type OpenConnectionOptions,
  type OpenUnixConnectionOptions,
  type ServerTls,
  type ServerTlsOptions,
  type StartServerOptions,
  type StartTlsOptions,
  type StartUnixServerOptions,
  type Transport,
  type WriterTlsOptions,
  startTls,
} from "@tsyncio/node";
import type { ConnectionOptions, SecureContext, TlsOptions } from "node:tls";
import type { Coroutine } from "tsyncio";
import { expectTypeOf, test } from "vitest";

test("TLS of a client is true, Node's options or a context; that of a server says which certificate", () => {
  expectTypeOf<boolean | SecureContext | ConnectionOptions>().toExtend<ClientTls>();
  expectTypeOf<SecureContext | TlsOptions>().toExtend<ServerTls>();
  expectTypeOf<true>().not.toExtend<ServerTls>();
  expectTypeOf<{ port: number }>().not.toExtend<Exclude<ClientTls, boolean>>();
});

test("whatever connects or accepts takes them", () => {
  expectTypeOf<OpenConnectionOptions>().toExtend<ClientTlsOptions>();
  expectTypeOf<OpenUnixConnectionOptions>().toExtend<ClientTlsOptions>();
  expectTypeOf<StartServerOptions>().toExtend<ServerTlsOptions>();
  expectTypeOf<StartUnixServerOptions>().toExtend<ServerTlsOptions>();
  expectTypeOf<ServerTlsOptions>().not.toHaveProperty("serverHostname");
});

test("startTls() gives a transport; which side a writer is, it knows", () => {
  expectTypeOf(startTls).returns.toEqualTypeOf<Coroutine<Transport>>();
  expectTypeOf<StartTlsOptions>().toHaveProperty("serverSide");
  expectTypeOf<WriterTlsOptions>().not.toHaveProperty("serverSide");
});
