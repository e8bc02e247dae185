/** A client of the faults run: `client.ts ROLE`, as JSON. Uses all six primitives at once until it is told to end. */
import { conditionTask } from "../workloads/condition.ts";
import { eventTask } from "../workloads/event.ts";
import { limiterTask, lockTask, semaphoreTask } from "../workloads/holders.ts";
import { Station } from "../workloads/station.ts";
import { receiveTask, sendTask } from "../workloads/stream.ts";
import { STREAMS, type Role } from "../reports.ts";

const station = new Station(JSON.parse(process.argv[2] ?? "") as Role);
await Promise.all([
  lockTask(station),
  semaphoreTask(station),
  limiterTask(station),
  conditionTask(station),
  eventTask(station),
  ...STREAMS.map((stream) =>
    station.role.side === "even" ? sendTask(station, stream) : receiveTask(station, stream),
  ),
]);
await station.close();
