// Drives the returns of the npm package @congminh1254/shopee-sdk against a sandbox: list, read, confirm, offer, dispute.
// Usage: node shopee_returns.mjs <node_modules> <JSON with base_url, app_key, app_secret, shop, code, goods, money, other, proof>
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
await sdk.authenticateWithCode(config.code, Number(config.shop.id));

const out = {};
const list = await sdk.returns.getReturnList({ page_no: 1, page_size: 40 });
out.listed = list.response.return.map((one) => one.return_sn);
const detail = await sdk.returns.getReturnDetail({ return_sn: config.money });
out.status = detail.response.status;
out.creator = detail.response.negotiation.latest_offer_creator;
const solutions = await sdk.returns.getAvailableSolutions({ return_sn: config.money });
await sdk.returns.offer({
  return_sn: config.money,
  proposed_solution: "REFUND",
  proposed_adjusted_refund_amount: solutions.response.offer_refund.min_refund_amount,
});
await sdk.returns.confirm({ return_sn: config.other });
const reasons = await sdk.returns.getReturnDisputeReason({ return_sn: config.goods });
const reason = reasons.response.dispute_reason_list.find((one) => one.evidence_module_list.some((part) => part.is_required));
const image_list = reason.evidence_module_list
  .filter((part) => part.is_required)
  .map((part) => ({ module_index: part.module_index, requirement: part.requirement, image_url: [config.proof] }));
await sdk.returns.dispute({
  return_sn: config.goods,
  email: "returns@house.example",
  dispute_reason_id: Number(reason.dispute_reason),
  image_list,
});
try {
  await sdk.returns.confirm({ return_sn: config.other });
} catch (error) {
  out.again = error.data?.error ?? String(error);
}
process.stdout.write(JSON.stringify(out));
