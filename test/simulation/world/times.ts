/** Of the shortest TTL, what is left between the client's trust and the server's patience when both clocks are off. */
export const TTL_MS_MIN = 2_000;
