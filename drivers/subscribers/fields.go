package subscribers

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// field is something known of a subscriber.
type field struct {
	name    string // in the configuration
	several bool   // more than one column may hold it
	hidden  bool   // goes by its usual names only
	usual   string // names of columns, the likelier ones first
}

// The places of the fields.
const (
	codeField = iota
	nameField
	phoneField
	mailField
	languageField
	regionField
	municipalityField
	boxField
	uplinkField
	lineField
	tagsField
	channelsField
	classField
	partnerField
	smsField
	lettersField
)

var fields = [...]field{
	codeField: {name: "code", usual: "code customercode clientcode subscribercode customerid clientid subscriberid customernumber accountnumber accountid account contractnumber contractid contract " +
		"kod kodklienta idklienta nrklienta numerklienta idabonenta nrabonenta numerabonenta nrumowy numerumowy umowa " +
		"codice codicecliente idcliente numerocliente codiceutente numerocontratto contratto externalid id uid login username"},
	nameField: {name: "name", several: true, usual: "name fullname customername clientname subscribername customer client subscriber firstname lastname surname company " +
		"nazwa imieinazwisko nazwaklienta klient abonent imie nazwisko firma " +
		"nome nomeecognome nominativo cognome cliente intestatario ragionesociale utente"},
	phoneField: {name: "phone", several: true, usual: "phone phones phonenumber mobile mobilephone mobilenumber cell cellphone gsm msisdn sms smsnumber telephone telephonenumber tel contactnumber contactphone " +
		"telefon telefony nrtelefonu numertelefonu telefonkomorkowy komorka telefonkontaktowy telkom nrtel " +
		"telefono cellulare numerotelefono numeroditelefono recapito recapitotelefonico cell"},
	mailField:         {name: "mail", several: true, usual: "mail mails email emails emailaddress mailaddress contactemail adresemail poczta pocztaelektroniczna posta postaelettronica indirizzoemail indirizzomail"},
	languageField:     {name: "language", usual: "language lang locale jezyk lingua"},
	regionField:       {name: "region", usual: "region regionname wojewodztwo regione province state county area provincia obszar rejon location"},
	municipalityField: {name: "municipality", usual: "municipality city town commune gmina miasto miejscowosc comune citta localita"},
	boxField:          {name: "box", usual: "box boxname boxid splitter cabinet skrzynka mufa szafka armadio cassetta olt sector sektor settore router node wezel nodo"},
	uplinkField:       {name: "uplink", usual: "uplink upstream path transit lacze tranzyt dorsale"},
	lineField:         {name: "line", usual: "line lineid linenumber linia nrlinii idlinii linea idlinea numerolinea pppoe pppoelogin pppoeuser circuit circuitid serviceid"},
	tagsField:         {name: "tags", several: true, usual: "tags tag labels label groups group etykiety etykieta tagi grupy grupa etichette etichetta gruppi gruppo"},
	channelsField:     {name: "channels", usual: "channels channel consents consent optin zgody zgoda kanaly kanal canali canale consensi consenso"},
	classField:        {name: "class", usual: "class priority segment customertype klasa priorytet typklienta classe priorita tipocliente category kategoria categoria"},
	partnerField:      {name: "partner", usual: "partner partnername reseller rivenditore"},
	smsField:          {name: "sms consent", hidden: true, usual: "optinsms smsoptin smsconsent consentsms zgodasms zgodanasms consensosms"},
	lettersField:      {name: "mail consent", hidden: true, usual: "optinmail optinemail mailoptin emailoptin mailconsent emailconsent zgodamail zgodaemail zgodanamail zgodanaemail consensomail consensoemail"},
}

// simple is a word without its case, accents, spaces and signs.
func simple(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'ł':
			return 'l'
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		}
		return -1 // accents, too
	}, norm.NFD.String(strings.ToLower(text)))
}

// usual is where a column goes by its name, and how likely; false if nowhere.
func usual(column string) (place, rank int, ok bool) {
	word := simple(column)
	bare := strings.TrimRight(word, "0123456789") // phone1, e-mail 2
	for i, f := range fields {
		names := strings.Fields(f.usual)
		if n := slices.Index(names, word); n >= 0 {
			return i, n, true
		}
		if n := slices.Index(names, bare); n >= 0 && f.several {
			return i, n, true
		}
	}
	return 0, 0, false
}

// assign gives columns to the fields that the configuration leaves open: to a
// field of one column the likeliest.
func (o *Options) assign(columns []string, taken map[int]bool, usual func(string) (place, rank int, ok bool)) [len(fields)][]int {
	var to [len(fields)][]int
	var best [len(fields)]int
	for at, column := range columns {
		i, rank, ok := usual(column)
		switch {
		case !ok || taken[at] || len(o.Columns[fields[i].name]) > 0:
		case fields[i].several || len(to[i]) == 0:
			to[i], best[i] = append(to[i], at), rank
		case rank < best[i]:
			to[i], best[i] = []int{at}, rank
		}
	}
	return to
}
