/**
 * tsyncio on Node: streams, servers, subprocesses, signals, threads and processes.
 *
 * @packageDocumentation
 */
export * from "./errors.ts";
export type { Destination } from "./transport/datagram-transport.ts";
export {
  BaseProtocol,
  BufferedProtocol,
  DatagramProtocol,
  Protocol,
  type SocketAddress,
  type StreamProtocol,
  SubprocessProtocol,
} from "./transport/protocol.ts";
export {
  BaseTransport,
  DatagramTransport,
  type ExtraInfo,
  ReadTransport,
  SubprocessTransport,
  Transport,
  WriteTransport,
  type WriteBufferLimits,
} from "./transport/transport.ts";
export {
  type OpenConnectionOptions,
  type StreamOptions,
  type Streams,
  openConnection,
} from "./stream/open-connection.ts";
export { type OpenUnixConnectionOptions, openUnixConnection } from "./stream/open-unix-connection.ts";
export type { Separator } from "./stream/separators.ts";
export { type StartServerOptions, startServer } from "./stream/start-server.ts";
export { type StartUnixServerOptions, startUnixServer } from "./stream/start-unix-server.ts";
export { StreamReader, type StreamReaderOptions } from "./stream/stream-reader.ts";
export { type ClientHandler, StreamReaderProtocol } from "./stream/stream-reader-protocol.ts";
export { StreamWriter, type WriterProtocol, type WriterTlsOptions } from "./stream/stream-writer.ts";
export { type StartTlsOptions, startTls } from "./tls/start-tls.ts";
export type {
  ClientTls,
  ClientTlsOptions,
  ClientTlsSettings,
  ServerTls,
  ServerTlsOptions,
  ServerTlsSettings,
  TlsTimeouts,
} from "./tls/tls-options.ts";
export { connectAcceptedSocket } from "./connect/connect-accepted-socket.ts";
export { connectReadPipe } from "./connect/connect-read-pipe.ts";
export { connectWritePipe } from "./connect/connect-write-pipe.ts";
export { type ConnectionOptions, type HostPort, createConnection } from "./connect/create-connection.ts";
export { type UnixConnectionOptions, createUnixConnection } from "./connect/create-unix-connection.ts";
export {
  type DatagramEndpointOptions,
  type DatagramOptions,
  createDatagramEndpoint,
} from "./connect/create-datagram-endpoint.ts";
export { type ResolveOptions, getaddrinfo } from "./connect/getaddrinfo.ts";
export { type NameInfo, getnameinfo } from "./connect/getnameinfo.ts";
export type { Port } from "./connect/port.ts";
export type { SocketPath } from "./connect/socket-path.ts";
export { AbstractServer } from "./serve/abstract-server.ts";
export { type ServerOptions, type TcpServerOptions, createServer } from "./serve/create-server.ts";
export { type UnixServerOptions, createUnixServer } from "./serve/create-unix-server.ts";
export { Server } from "./serve/server.ts";
export { registerErrorClass } from "./executor/revive-error.ts";
export type { MapOptions } from "./executor/map-chunks.ts";
export type { PoolStatistics } from "./executor/pool-statistics.ts";
export { ProcessPoolExecutor, type ProcessPoolExecutorOptions } from "./executor/process-pool-executor.ts";
export { type Remote, remote } from "./executor/remote.ts";
export type { JobResult, RemoteStream } from "./executor/remote-stream.ts";
export { ThreadPoolExecutor, type ThreadPoolExecutorOptions } from "./executor/thread-pool-executor.ts";
export { toThread } from "./executor/to-thread.ts";
export { transfer } from "./executor/transfer.ts";
export { type PoolExecutorOptions, type ShutdownOptions, WorkerPoolExecutor } from "./executor/worker-pool-executor.ts";
export { type Datagram, type DatagramSocket, type DatagramStatistics } from "./datagram/datagram-socket.ts";
export { type OpenDatagramOptions, openDatagram } from "./datagram/open-datagram.ts";
export { addSignalHandler, removeSignalHandler } from "./signal/signal-handler.ts";
export { type SignalArrivals, signals } from "./signal/signals.ts";
export {
  type CreateShellOptions,
  type CreateSubprocessOptions,
  type ProcessOf,
  createSubprocessExec,
  createSubprocessShell,
} from "./subprocess/create-subprocess.ts";
export { Process } from "./subprocess/process.ts";
export { subprocessExec, subprocessShell } from "./subprocess/subprocess-exec.ts";
export type { ShellOptions, Stdio, SubprocessOptions } from "./subprocess/subprocess-options.ts";
