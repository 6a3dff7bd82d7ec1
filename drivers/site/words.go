package site

// words are what the page says besides the incidents' own texts, by language.
var words = map[string]map[string]string{
	"en": {
		"none": "Everything works", "minor": "Some disturbances", "major": "Outage", "critical": "Serious outage", "maintenance": "Planned work",
		"operational": "works", "under_maintenance": "planned work", "degraded_performance": "disturbed", "partial_outage": "partly down", "major_outage": "down",
		"identified": "being worked on", "monitoring": "under observation", "resolved": "resolved", "scheduled": "planned", "in_progress": "at work", "completed": "done",
		"now": "Now", "plans": "Planned", "past": "The past %d days", "nothing": "Nothing happened.", "regions": "Regions and services",
		"since": "since", "asof": "As of", "expected": "Expected to end", "feed": "Feed", "back": "All regions",
		"foot": "This page lies outside of our network and is renewed when something changes.", "undated": "time not known",
	},
	"pl": {
		"none": "Wszystko działa", "minor": "Zakłócenia", "major": "Awaria", "critical": "Poważna awaria", "maintenance": "Prace planowe",
		"operational": "działa", "under_maintenance": "prace planowe", "degraded_performance": "zakłócenia", "partial_outage": "częściowa awaria", "major_outage": "nie działa",
		"identified": "w trakcie usuwania", "monitoring": "pod obserwacją", "resolved": "usunięta", "scheduled": "zaplanowane", "in_progress": "w toku", "completed": "zakończone",
		"now": "Teraz", "plans": "Planowane", "past": "Ostatnie dni: %d", "nothing": "Nic się nie wydarzyło.", "regions": "Regiony i usługi",
		"since": "od", "asof": "Stan na", "expected": "Przewidywany koniec", "feed": "Kanał Atom", "back": "Wszystkie regiony",
		"foot": "Ta strona znajduje się poza naszą siecią i jest odnawiana, gdy coś się zmienia.", "undated": "czas nieznany",
	},
	"it": {
		"none": "Tutto funziona", "minor": "Alcuni disservizi", "major": "Guasto", "critical": "Guasto grave", "maintenance": "Lavori programmati",
		"operational": "funziona", "under_maintenance": "lavori programmati", "degraded_performance": "disturbato", "partial_outage": "parzialmente interrotto", "major_outage": "interrotto",
		"identified": "in lavorazione", "monitoring": "sotto osservazione", "resolved": "risolto", "scheduled": "programmato", "in_progress": "in corso", "completed": "concluso",
		"now": "Adesso", "plans": "In programma", "past": "Ultimi %d giorni", "nothing": "Non è successo nulla.", "regions": "Zone e servizi",
		"since": "dalle", "asof": "Aggiornato alle", "expected": "Fine prevista", "feed": "Feed Atom", "back": "Tutte le zone",
		"foot": "Questa pagina si trova fuori dalla nostra rete e viene rinnovata quando qualcosa cambia.", "undated": "ora non nota",
	},
}
