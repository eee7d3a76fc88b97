// Drives the npm package lazada-open-platform-sdk against a sandbox: list, read, pack and hand over with the older calls.
// Usage: node lazada_open_platform_sdk.cjs <node_modules> <JSON with gateway, app_key, app_secret, shop, order, items>
// Its functions take the gateway as an argument, with the protocol as the last one.
const path = require("path");

const [modules, given] = process.argv.slice(2);
const config = JSON.parse(given);
const sdk = require(path.join(modules, "lazada-open-platform-sdk", "lib", "LazadaClient"));

const token = config.shop.access_token;
const call = (name, payload, action) =>
  sdk[name](config.app_key, config.app_secret, config.gateway, token, payload, action, "HTTP");

async function main() {
  const out = { listed: [] };
  for (;;) {
    const page = await call(
      "getOrders",
      { created_after: "2025-01-01T00:00:00+08:00", limit: 40, offset: out.listed.length },
      "GET",
    );
    out.listed.push(...page.data.orders.map((order) => String(order.order_id)));
    if (page.data.count < 40) break;
  }
  out.read = String((await call("getOrder", { order_id: Number(config.order) }, "GET")).data.order_id);
  const several = await call("getMultipleOrderItems", { order_ids: `[${out.listed.slice(0, 3).join(",")}]` }, "GET");
  out.several = several.data.map((row) => String(row.order_id));
  const ids = `[${config.items.join(",")}]`;
  const packed = await call(
    "setStatusToPackedByMarketplace",
    { delivery_type: "dropship", shipping_provider: config.provider, order_item_ids: ids },
    "POST",
  );
  const first = packed.data.order_items[0];
  out.package = first.package_id;
  const ready = {
    delivery_type: "dropship",
    order_item_ids: ids,
    shipment_provider: first.shipment_provider,
    tracking_number: first.tracking_number,
  };
  await call("setStatusToReadyToShip", ready, "POST");
  out.again = await call("setStatusToReadyToShip", ready, "POST").then(
    () => "0",
    (error) => error.code,
  );
  process.stdout.write(JSON.stringify(out));
}

main().catch((error) => {
  process.stderr.write(`${error.stack || JSON.stringify(error)}\n`);
  process.exit(1);
});
