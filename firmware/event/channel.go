package event

// The channels. All but SMS and Ring need a path to the Internet.
const (
	SMS        = "sms"
	Ring       = "ring" // a voice call that nobody need answer: it wakes
	Mail       = "mail"
	Statuspage = "statuspage"
	Slack      = "slack"
	Push       = "push"
	Webhook    = "webhook"
	Site       = "site"
	OZmap      = "ozmap"
)

// Channels are all of them.
var Channels = []string{SMS, Ring, Mail, Statuspage, Slack, Push, Webhook, Site, OZmap}
