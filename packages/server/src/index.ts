export {
  type Callable,
  type CallOptions,
  type Importable,
  isMainModule,
  isNotImportableError,
  isTimeoutError,
  moduleRef,
  NotImportableError,
  type Servable,
  type StreamInput,
  type StreamOptions,
  TimeoutError,
} from '@mpservice/contract'
export { EncodeError, isEncodeError, registerException, RemoteException } from '@mpservice/process'
export { AsyncServlet, type AsyncServletOptions } from './async-servlet.ts'
export { BaseWorker, type WorkerContext, type WorkItem } from './base-worker.ts'
export { type BatchResults, BatchWorker } from './batch-worker.ts'
export type { BatchOptions } from './batching.ts'
export {
  type EnsembleInput,
  type EnsembleOutput,
  EnsembleServlet,
  type EnsembleServletOptions,
} from './ensemble-servlet.ts'
export {
  BatchResultError,
  EnsembleError,
  isBatchResultError,
  isEnsembleError,
  isServerBacklogFullError,
  isServerClosedError,
  isServerFailedError,
  ServerBacklogFullError,
  ServerClosedError,
  ServerFailedError,
} from './errors.ts'
export {
  isPoisonItemError,
  isWorkerCrashedError,
  isWorkerStartError,
  isWorkerStuckError,
  type LostItem,
  PoisonItemError,
  type WorkerCrash,
  WorkerCrashedError,
  WorkerStartError,
  type WorkerStartFailure,
  WorkerStuckError,
} from './worker-errors.ts'
export type { ChannelLimits } from './channel/channel-limits.ts'
export { type Closable, handleSignals, type HandleSignalsOptions } from './handle-signals.ts'
export { makeWorker, PassThrough } from './make-worker.ts'
export { Pool } from './pool/pool.ts'
export type {
  ApplyArguments,
  ApplyOptions,
  ItemFunction,
  MapOptions,
  PoolArguments,
  PoolItem,
  PoolOptions,
  PoolResult,
  ProcessPoolOptions,
  ThreadPoolOptions,
} from './pool/pool-options.ts'
export type { BacklogAges } from './insight/backlog-ages.ts'
export type { CallCounts } from './insight/call-meter.ts'
export type { BatchMessage, CallMessage } from './insight/channels.ts'
export type { EventListener } from './insight/event-listeners.ts'
export type {
  ServerEvent,
  ServerEvents,
  ServerStateEvent,
  WorkerEvent,
  WorkerExitEvent,
  WorkerExitReason,
  WorkerStartEvent,
  WorkerStuckEvent,
} from './insight/server-events.ts'
export type { ServerMetrics } from './insight/server-metrics.ts'
export type {
  CompoundStageMetrics,
  StageMetrics,
  WorkingStageMetrics,
} from './insight/stage-metrics.ts'
export type { SizeSummary, TimeSummary } from './insight/summary.ts'
export { ProcessServlet, type ProcessServletOptions } from './process-servlet.ts'
export { SequentialServlet } from './sequential-servlet.ts'
export { Server } from './server.ts'
export type { DebugInfoOptions, ServerInfo, ServerState } from './server-info.ts'
export type {
  CloseOptions,
  PreprocessedStreamOptions,
  ServerCallOptions,
  ServerOptions,
  ServerStreamOptions,
  StreamElement,
} from './server-options.ts'
export {
  Servlet,
  type ServletArguments,
  type ServletInput,
  type ServletOutput,
  type WorkerSpec,
} from './servlet.ts'
export type { StageInfo, WorkerInfo, WorkerState } from './stage/stage.ts'
export type { ServerStage } from './stage/stage-knobs.ts'
export type { OnAbandon, SupervisionOptions } from './supervision.ts'
export {
  type SwitchInput,
  type SwitchOutput,
  SwitchServlet,
  type SwitchServletOptions,
} from './switch-servlet.ts'
export { SyncServer } from './sync/sync-server.ts'
export type {
  SyncCallOptions,
  SyncServerOptions,
  SyncStreamOptions,
} from './sync/sync-server-options.ts'
export { ThreadServlet, type ThreadServletOptions } from './thread-servlet.ts'
export { Worker, type WorkerClass } from './worker.ts'
export { WorkerServlet, type WorkerServletOptions } from './worker-servlet.ts'
