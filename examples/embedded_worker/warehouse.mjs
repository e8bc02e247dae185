/** A packer, on a machine of its own: `node warehouse.mjs http://127.0.0.1:8787 berlin its-key`. */
import { connect } from "latchwork";

const [shop, namespace, token] = process.argv.slice(2);

await using latchwork = connect(`${shop}/sync`, { namespace, token, client: "packer-1" });
const [send, receive] = await latchwork.stream("parcels", { maxBufferSize: 100 }).open();

await latchwork.lock("orders/42").run(async (lease) => {
  const answer = await fetch(`${shop}/${namespace}/orders/42`);
  const { packer } = await answer.json();
  console.log(`Order 42 is packed by ${packer}, with token ${lease.token}.`);
  await send.send({ order: 42, token: lease.token });
});

const parcel = await receive.receive();
console.log(`Order ${parcel.order} leaves the house.`);
