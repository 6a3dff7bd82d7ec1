// Slack's own client goes through what the driver uses, against the address in
// SLACK_API_URL, and prints what it saw as one line of JSON.
import { WebClient, LogLevel } from '@slack/web-api';

const client = new WebClient(process.env.SLACK_TOKEN, {
  slackApiUrl: process.env.SLACK_API_URL,
  logLevel: LogLevel.ERROR,
  retryConfig: { retries: 2, minTimeout: 0, maxTimeout: 0 },
});
const channel = process.env.SLACK_CHANNEL;
const metadata = (telling) => ({ event_type: 'proof', event_payload: { key: 'waw-12/7', telling } });
const refused = async (call) => {
  try {
    await call();
    return 'nothing';
  } catch (e) {
    return e.data?.error ?? String(e);
  }
};

const saw = {};
saw.user = (await client.auth.test()).user_id;
const head = await client.chat.postMessage({ channel, text: 'head', metadata: metadata(1), unfurl_links: false });
await client.pins.add({ channel, timestamp: head.ts });
saw.twice = await refused(() => client.pins.add({ channel, timestamp: head.ts }));
await client.chat.postMessage({ channel, text: 'reply', thread_ts: head.ts, metadata: metadata(2) });
const last = await client.chat.postMessage({ channel, text: 'all clear', thread_ts: head.ts, reply_broadcast: true });
saw.updated = (await client.chat.update({ channel, ts: head.ts, text: 'RESOLVED', metadata: metadata(3) })).text;
await client.pins.remove({ channel, timestamp: head.ts });
saw.unpinned = await refused(() => client.pins.remove({ channel, timestamp: head.ts }));
saw.noThread = await refused(() => client.chat.postMessage({ channel, text: 'x', thread_ts: '1.000001' }));
saw.noReplyParent = await refused(() => client.chat.postMessage({ channel, text: 'x', thread_ts: last.ts }));
saw.noText = await refused(() => client.chat.postMessage({ channel, text: '' }));
saw.noMessage = await refused(() => client.chat.update({ channel, ts: '1.000001', text: 'x' }));
saw.noChannel = await refused(() => client.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' }));
saw.noToken = await refused(() => new WebClient('xoxb-no', { slackApiUrl: process.env.SLACK_API_URL }).auth.test());

saw.history = [];
for await (const page of client.paginate('conversations.history', { channel, limit: 1, include_all_metadata: true })) {
  for (const m of page.messages) saw.history.push([m.text, m.metadata?.event_payload.telling ?? 0]);
}
const replies = await client.conversations.replies({ channel, ts: head.ts, oldest: head.ts, include_all_metadata: true });
saw.replies = replies.messages.map((m) => m.text);
const bare = await client.conversations.history({ channel });
saw.bare = bare.messages.every((m) => m.metadata === undefined);
saw.channels = (await client.users.conversations({ types: 'public_channel' })).channels.map((c) => c.name);
saw.ordered = head.ts < last.ts && /^\d+\.\d{6}$/.test(head.ts);
console.log(JSON.stringify(saw));
