/** Of the shortest TTL, what is left between the client's trust and the server's patience when both clocks are off. */
export const TTL_MS_MIN = 2_000;
/** How late an alarm goes off at the worst. */
export const ALARM_LATE_MS_MAX = 60_000;
