/**
 * The engine child (design D2): loads the media libraries, says `ready`, then serves the tasks of one attempt over
 * Node's IPC channel, object bytes over the inherited socket. It never ends by itself while library calls may be
 * waiting: the parent ends it.
 *
 * States: ready → working ⇄ ready → canceled. `cancel` is sticky: IO fails at once, the graph unwinds, the answer is
 * `canceled`, and no further task is taken.
 */
import { JobFault, jobFault } from '../catalogue/fault.ts';
import { captureLibraryLog, clearLibraryLog, recentLibraryLog } from './library-log.ts';
import type { EngineResult, EngineTask, MessageFromEngine, MessageToEngine } from './protocol.ts';
import { runGraph } from './run-graph.ts';
