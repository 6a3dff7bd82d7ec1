package event

// The channels. All but SMS need a path to the Internet.
const (
	SMS        = "sms"
	Mail       = "mail"
	Statuspage = "statuspage"
	Slack      = "slack"
	Push       = "push"
	Webhook    = "webhook"
	Site       = "site"
)

// Channels are all of them.
var Channels = []string{SMS, Mail, Statuspage, Slack, Push, Webhook, Site}
