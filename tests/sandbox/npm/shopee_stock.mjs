// Drives the npm package @congminh1254/shopee-sdk against a sandbox's stock: list, read, set, and be refused in part.
// Usage: node shopee_stock.mjs <node_modules> <JSON with base_url, app_key, app_secret, shop, code, held>
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

const out = {};
await sdk.authenticateWithCode(config.code, Number(config.shop.id));
const list = await sdk.product.getItemList({ offset: 0, page_size: 100, item_status: "NORMAL" });
out.items = list.response.item.map((item) => item.item_id);
const info = await sdk.product.getItemBaseInfo({ item_id_list: out.items.slice(0, 20) });
out.stock = {};
for (const item of info.response.item_list) {
  const models = item.has_model
    ? (await sdk.product.getModelList({ item_id: item.item_id })).response.model
    : [{ ...item, model_id: 0 }];
  for (const model of models) {
    out.stock[`${item.item_id}/${model.model_id}`] = model.stock_info_v2.summary_info.total_available_stock;
  }
}
const [item_id, model_id] = config.held.split("/").map(Number);
async function write(stock) {
  try {
    const done = await sdk.product.updateStock({ item_id, stock_list: [{ model_id, seller_stock: [{ stock }] }] });
    return done.error || done.response.success_list[0].stock;
  } catch (error) {
    return error.data?.error ?? String(error);
  }
}
out.above = await write(config.floor + 3);
out.below = await write(config.floor - 1);
process.stdout.write(JSON.stringify(out));
