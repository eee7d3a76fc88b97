// Drives the npm package tiktokshops-api-client against a sandbox: list and read.
// Usage: node tiktokshops_api_client.cjs <node_modules> <JSON with base_url, app_key, app_secret, shop, packages>
// The package reads its hosts from an exported constant at call time, which is all that is changed here.
const path = require("path");

const [modules, given] = process.argv.slice(2);
const config = JSON.parse(given);
const root = path.join(modules, "tiktokshops-api-client");
const constants = require(path.join(root, "dist/module/tiktokshops/common/constant.js"));
for (const name of Object.keys(constants)) {
  if (name.startsWith("TIKTOK_END_POINT")) constants[name] = config.base_url;
}
const { TiktokModule } = require(root);

async function main() {
  const client = new TiktokModule({
    appKey: config.app_key,
    appSecret: config.app_secret,
    shopId: config.shop.id,
    shopCipher: config.shop.cipher,
    accessToken: config.shop.access_token,
    refreshToken: config.shop.refresh_token,
  });
  const out = { listed: [] };
  let pageToken;
  do {
    const page = await client.order.getOrderList({
      query: { page_size: 9, ...(pageToken ? { page_token: pageToken } : {}) },
      body: { order_status: "AWAITING_SHIPMENT" },
    });
    out.listed.push(...page.data.orders.map((order) => order.id));
    pageToken = page.data.next_page_token;
  } while (pageToken);
  const older = await client.getOrderList({ pageSize: 5, orderStatus: "AWAITING_SHIPMENT" });
  out.olderListed = older.data.orders.map((order) => order.id);
  out.read = (await client.getOrderDetail(out.listed[0])).data.orders.map((order) => order.id);
  out.slots = (await client.getPackageTimeSlots(config.packages[0])).data.pickup_slots;
  // This package leaves the body of its ship call out of the signature, which the real server refuses.
  const refused = await client.shipPackage(config.packages[0], {
    handover_method: "PICKUP",
    pickup_slot: { start_time: 1, end_time: 2 },
  });
  out.unsignedBody = refused.code;
  process.stdout.write(JSON.stringify(out));
}

main().catch((error) => {
  process.stderr.write(`${error.stack || error}\n`);
  process.exit(1);
});
