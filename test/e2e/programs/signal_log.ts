/** Prints a line for every signal that it gets, and goes on; ends with 3 at SIGUSR2. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGWINCH"] as const;

for (const signal of SIGNALS) process.on(signal, () => console.log(`got ${signal}`));
process.on("SIGUSR2", () => process.exit(3));
setInterval(() => {}, 60_000);
console.log("ready");
