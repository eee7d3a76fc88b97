// Drives the npm package @congminh1254/shopee-sdk against a sandbox: sign in, list, read, ship, print, refresh.
// Usage: node shopee_sdk.mjs <node_modules> <JSON with base_url, app_key, app_secret, shop, code, packages, now>
// Nothing but the base URL differs from talking to Shopee.
import path from "path";
import { pathToFileURL } from "url";

const [modules, given] = process.argv.slice(2);
const config = JSON.parse(given);
const entry = path.join(modules, "@congminh1254", "shopee-sdk", "lib", "sdk.js");
const { ShopeeSDK } = await import(pathToFileURL(entry));

const sdk = new ShopeeSDK({
  partner_id: Number(config.app_key),
  partner_key: config.app_secret,
  base_url: `${config.base_url}/api/v2`,
  base_auth_url: `${config.base_url}/auth`,
});

async function listAll(extra = {}) {
  const found = [];
  let cursor = "";
  do {
    const answer = await sdk.order.getOrderList({
      time_range_field: "update_time",
      time_from: config.now - 15 * 86400,
      time_to: config.now,
      page_size: 20,
      cursor,
      response_optional_fields: "order_status",
      ...extra,
    });
    found.push(...answer.response.order_list);
    cursor = answer.response.more ? answer.response.next_cursor : "";
  } while (cursor);
  return found;
}

function choose(offer) {
  if (offer.info_needed.pickup) {
    const place = offer.pickup.address_list[0];
    const slot = place.time_slot_list[0];
    return { pickup: { address_id: place.address_id, pickup_time_id: slot.pickup_time_id } };
  }
  const counters = offer.dropoff?.branch_list;
  return { dropoff: counters ? { branch_id: counters[0].branch_id } : {} };
}

const out = {};
out.link = sdk.getAuthorizationUrl("http://localhost/done", { state: "s1" });
const token = await sdk.authenticateWithCode(config.code, Number(config.shop.id));
out.expireIn = token.expire_in;
out.shop = (await sdk.shop.getShopInfo()).shop_name;
const all = await listAll();
out.listed = all.map((order) => order.order_sn);
out.ready = (await listAll({ order_status: "READY_TO_SHIP" })).map((order) => order.order_sn);
const detail = await sdk.order.getOrderDetail({
  order_sn_list: out.listed.slice(0, 3),
  response_optional_fields: "item_list,package_list,total_amount",
});
out.read = detail.response.order_list.map((order) => order.order_sn);
out.items = detail.response.order_list[0].item_list.length;

for (const one of config.packages) {
  const offer = await sdk.logistics.getShippingParameter({ order_sn: one.order_sn });
  await sdk.logistics.shipOrder({ order_sn: one.order_sn, ...choose(offer.response) });
}
try {
  await sdk.logistics.shipOrder({ order_sn: config.packages[0].order_sn, dropoff: {} });
} catch (error) {
  out.again = error.data?.error ?? String(error);
}
const number = await sdk.logistics.getTrackingNumber({ order_sn: config.packages[0].order_sn });
out.tracking = number.response.tracking_number;
const wanted = {
  order_sn: config.packages[0].order_sn,
  tracking_number: out.tracking,
  shipping_document_type: "NORMAL_AIR_WAYBILL",
};
await sdk.logistics.createShippingDocument({ order_list: [wanted] });
const state = await sdk.logistics.getShippingDocumentResult({ order_list: [wanted] });
out.state = state.response.result_list[0].status;
const file = await sdk.logistics.downloadShippingDocument({
  shipping_document_type: "NORMAL_AIR_WAYBILL",
  order_list: [{ order_sn: wanted.order_sn }],
});
out.file = Buffer.isBuffer(file) ? file.subarray(0, 5).toString() : typeof file;

const fresh = await sdk.refreshToken();
out.rotated = fresh.refresh_token !== token.refresh_token;
out.afterRefresh = (await listAll()).length;
process.stdout.write(JSON.stringify(out));
