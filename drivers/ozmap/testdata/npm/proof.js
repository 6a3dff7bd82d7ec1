// OZmap's own library goes through what the driver uses, against the address
// in OZMAP_URL, and prints what it saw as one line of JSON.
import sdk from '@ozmap/ozmap-sdk';

const OZMapSDK = sdk.default ?? sdk;
const oz = new OZMapSDK(process.env.OZMAP_URL, { apiKey: process.env.OZMAP_KEY });
const refused = async (call) => {
  try {
    await call();
    return 'nothing';
  } catch (e) {
    return `${e.status} ${e.data?.message}`;
  }
};

const saw = {};
const code = (value) => [{ property: 'code', operator: '=', value }];
const adam = (await oz.ftthClient.find({ filter: code('adam.jones'), select: 'tags name code', populate: 'tags' })).rows[0];
saw.adam = [adam.code, adam.name, adam.tags.length];
const first = await oz.ftthClient.find({ page: 1, limit: 2 });
saw.page = [first.total, first.count, first.start, first.limit, first.hasNextPage, Boolean(first.nextUrl)];
saw.all = (await oz.ftthClient.findAll({ batchSize: 2, select: 'code' })).map((c) => c.code);
saw.sorted = (await oz.ftthClient.find({ select: 'code', sorter: [{ property: 'code', direction: -1 }], limit: 2 })).rows.map((c) => c.code);
const box = await oz.box.findOne({ filter: [{ property: 'name', operator: '=', value: 'CTO-1' }] });
const homes = await oz.property.findAll({ filter: [{ property: 'box', operator: 'in', value: [box.id] }], populate: 'client' });
saw.behind = homes.map((p) => p.client.code);
saw.either = (await oz.box.findAll({ filter: [[{ property: 'name', operator: '=', value: 'CTO-1' }, { property: 'name', operator: '=', value: 'CTO-2' }]] })).map((b) => b.name);
saw.regions = (await oz.region.findAll()).map((r) => [r.name, r.polygon.type]);
const tag = await oz.tag.create({ name: 'Massive Outage', allowedTypes: ['client'] });
saw.twice = await refused(() => oz.tag.create({ name: 'Massive Outage', allowedTypes: ['client'] }));
await oz.ftthClient.updateById(adam.id, { tags: [tag.id] });
saw.tagged = (await oz.ftthClient.findById(adam.id, { populate: 'tags' })).tags.map((t) => [t.name, t.allowedTypes]);
saw.carriers = (await oz.ftthClient.findAll({ filter: [{ property: 'tags', operator: 'in', value: [tag.id] }] })).map((c) => c.code);
saw.unknownTag = await refused(() => oz.ftthClient.updateById(adam.id, { tags: ['62a7344cd570f7001325ffff'] }));
saw.onABox = await refused(() => oz.box.updateById(box.id, { tags: [tag.id] }));
await oz.ftthClient.updateById(adam.id, { tags: [] });
saw.untagged = (await oz.ftthClient.findAll({ filter: [{ property: 'tags', operator: 'in', value: [tag.id] }] })).length;
saw.nobody = await oz.ftthClient.findById('62a7344cd570f7001325ffff');

const person = new OZMapSDK(process.env.OZMAP_URL, { login: 'noc', password: 'spring' });
saw.login = (await person.tag.find({ limit: 1 })).total;
const stranger = new OZMapSDK(process.env.OZMAP_URL, { login: 'noc', password: 'autumn' });
saw.stranger = await refused(() => stranger.tag.find({ limit: 1 }));
console.log(JSON.stringify(saw));
process.exit(0); // its logger would wait for readers for ever
