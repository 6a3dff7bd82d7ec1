package slack

import "heliograph/drivers/delivery"

// verdict is what becomes of a message that Slack refused.
type verdict struct {
	fate   delivery.Fate
	worker bool
	advice string
	calm   bool // it asks for fewer requests
	mend   bool // somebody can mend it in a minute, and then it goes
	doubt  bool // it may have been carried out
}

// The words of Slack's method pages (chat.postMessage, chat.update, pins.add)
// and of incoming webhooks.
var (
	renew  = verdict{fate: delivery.Retry, worker: true, advice: "Slack refuses the token: install the app again and put its new bot token into the token's file"}
	scope  = verdict{fate: delivery.Retry, worker: true, advice: "add the missing scope to the app (OAuth & Permissions) and install it again"}
	invite = verdict{fate: delivery.Retry, mend: true, advice: "invite the app: type /invite and its name in the channel, or correct the channel's id"}
	buried = verdict{fate: delivery.Never, advice: "the channel is archived: name another one in the configuration"}
	policy = verdict{fate: delivery.Never, advice: "the workspace does not let the app post there: its admin must allow it"}
	unfit  = verdict{fate: delivery.Never, advice: "Slack did not take this text: post it by hand"}
	rehook = verdict{fate: delivery.Retry, worker: true, advice: "the webhook is gone: make a new one and put its address into the configuration"}
	calmer = verdict{fate: delivery.Retry, calm: true}
	ill    = verdict{fate: delivery.Retry, doubt: true}
)

var fates = map[string]verdict{
	"invalid_auth": renew, "not_authed": renew, "account_inactive": renew, "token_revoked": renew, "token_expired": renew,
	"missing_scope": scope, "no_permission": scope, "not_allowed_token_type": scope,
	"access_denied": policy, "org_login_required": policy, "ekm_access_denied": policy, "team_access_not_granted": policy, "enterprise_is_restricted": policy,
	"not_in_channel": invite, "channel_not_found": invite,
	"is_archived": buried, "channel_is_archived": buried,
	"restricted_action": policy, "channel_is_limited_access": policy, "action_prohibited": policy, "posting_to_general_channel_denied": policy,
	"msg_too_long": unfit, "no_text": unfit, "invalid_payload": unfit, "invalid_blocks": unfit, "metadata_too_large": unfit, "message_limit_exceeded": unfit,
	"ratelimited": calmer, "rate_limited": calmer,
	"internal_error": ill, "fatal_error": ill, "service_unavailable": ill, "request_timeout": ill, "team_added_to_org": ill,
	"no_service": rehook, "no_service_id": rehook, "no_team": rehook, "team_disabled": rehook, "invalid_token": rehook, "user_not_found": rehook,
	"rollup_error": {fate: delivery.Retry},
}
