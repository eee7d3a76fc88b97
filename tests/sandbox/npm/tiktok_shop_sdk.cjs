// Drives the npm package tiktok-shop-sdk against a sandbox: list, read, ship, buy a label, refresh.
// Usage: node tiktok_shop_sdk.cjs <node_modules> <JSON with base_url, app_key, app_secret, shop, other>
// The package hard-codes its hosts, so the only thing changed here is where global fetch sends them.
const path = require("path");

const [modules, given] = process.argv.slice(2);
const config = JSON.parse(given);
const hosts = ["https://open-api.tiktokglobalshop.com", "https://auth.tiktok-shops.com"];
const realFetch = globalThis.fetch;
globalThis.fetch = (url, options) => {
  const host = hosts.find((one) => String(url).startsWith(one));
  if (!host) throw new Error(`unexpected host in ${url}`);
  return realFetch(config.base_url + String(url).slice(host.length), options);
};

const { TikTokShopSDK } = require(path.join(modules, "tiktok-shop-sdk"));

function connect(shop) {
  const sdk = new TikTokShopSDK({ appKey: config.app_key, appSecret: config.app_secret });
  sdk.setAccessToken(shop.access_token);
  sdk.setShopCipher(shop.cipher);
  return sdk;
}

async function listAll(sdk, status) {
  const orders = [];
  let pageToken;
  do {
    const query = { page_size: 7, sort_field: "update_time", sort_order: "ASC" };
    if (pageToken) query.page_token = pageToken;
    const page = await sdk.order.getOrderList({ query, body: status ? { order_status: status } : {} });
    orders.push(...page.data.orders);
    pageToken = page.data.next_page_token;
  } while (pageToken);
  return orders;
}

async function main() {
  const sdk = connect(config.shop);
  const out = {};
  out.shops = (await sdk.shop.getAuthorizedShops()).data.shops.map((shop) => shop.id);
  const all = await listAll(sdk);
  out.listed = all.map((order) => order.id);
  const waiting = await listAll(sdk, "AWAITING_SHIPMENT");
  out.waiting = waiting.map((order) => order.id);
  const ids = all.slice(0, 3).map((order) => order.id);
  out.read = (await sdk.order.getOrderDetail({ ids })).data.orders.map((order) => order.id);
  out.price = (await sdk.order.getPriceDetail({ order_id: ids[0] })).data.payment;

  out.shipped = [];
  for (const packageId of config.packages) {
    const slots = await sdk.fulfillment.getPackageHandoverTimeSlots(packageId);
    out.canPickUp = slots.data.can_pickup;
    // The SDK has no method for shipping; its own signed request sends {} and signs an empty body.
    await sdk.requestCipher({ method: "POST", path: `/fulfillment/202309/packages/${packageId}/ship`, body: {} });
    out.shipped.push(packageId);
  }
  try {
    await sdk.requestCipher({
      method: "POST",
      path: `/fulfillment/202309/packages/${config.packages[0]}/ship`,
      body: { handover_method: "PICKUP" },
    });
  } catch (error) {
    out.again = error.code;
  }

  const other = connect(config.other);
  const bought = await other.fulfillment.createPackage({ order_id: config.other_order });
  out.bought = bought.data.package_id;

  const fresh = await sdk.auth.refreshAccessToken({ refresh_token: config.shop.refresh_token });
  sdk.setAccessToken(fresh.data.access_token);
  out.afterRefresh = (await listAll(sdk, "AWAITING_COLLECTION")).map((order) => order.id);
  process.stdout.write(JSON.stringify(out));
}

main().catch((error) => {
  process.stderr.write(`${error.stack || error}\n`);
  process.exit(1);
});
