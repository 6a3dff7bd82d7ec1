// Package mail submits mails to a provider's server by SMTP (RFC 5321, RFC
// 6409), always inside TLS: from the first byte on port 465, after STARTTLS on
// any other. A server that offers no TLS is told neither a password nor a mail.
//
// A mail to a group is one mail: each address gets an answer of its own, and
// what is left is sent again only to those that have not taken it.
//
// SMTP cannot be asked whether a mail arrived. So a delivery has the same
// Message-ID at every attempt, by which many receivers recognise a second copy,
// and a lost answer is unsure.
//
// The secret of xoauth2 is a JSON object:
//
//	{
//	  "client_id": "…", "client_secret": "…",
//	  "refresh_token": "…",
//	  "token_url": "https://oauth2.googleapis.com/token",
//	  "tenant": "…"
//	}
//
// token_url may be left out: it is Microsoft's if there is a tenant, else
// Google's. A {tenant} in it is replaced. Without a refresh_token the client's
// own credentials are used (Microsoft 365 with the permission SMTP.SendAsApp).
// "scope" may name another scope than the provider's usual one. Other keys are
// ignored. A refresh token that the provider replaces is remembered until the
// program ends and not written back: Microsoft's end after 90 days, so its
// client credentials serve better.
package mail
