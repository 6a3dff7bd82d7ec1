package main

import "heliograph/firmware/command"

// cardWords are the words of the card in a language.
type cardWords struct {
	Title, Numbers, Ring   string
	Text, Does, Who, Proof string // the head of the table
	Legend                 string
	Roles                  map[command.Role]string
	Subscriber             string
	Named                  map[command.Proof]string // in the table
	Proofs                 string
	Proven                 [][2]string // a proof, and what it is
	Silent                 string
	Steps                  []string
	Made                   string // with the version
}

var cardIn = map[string]cardWords{"en": {
	Title: "What to text to this box", Numbers: "Text to, or call:",
	Ring: "A missed call from a number on call is an ACK: the box hangs up, it costs nothing. Capitals, accents and blanks do not matter; Polish and Italian words work too.",
	Text: "Text", Does: "What it does", Who: "Who", Proof: "Proof",
	Legend:     "7 stands for the number of an incident. What is in [ ] may be left out, | means: one of these. viewer < operator < approver: each may do all that those before may. Numbers that are not listed get no answer.",
	Roles:      map[command.Role]string{command.Viewer: "viewer", command.Operator: "operator", command.Approver: "approver"},
	Subscriber: "subscriber",
	Named:      map[command.Proof]string{command.NoProof: "–", command.ByCode: "code", command.ByPlan: "plan", command.ByTwo: "two"},
	Proofs:     "Proofs: a listed number alone can be faked",
	Proven: [][2]string{
		{"–", "none: it reads, or holds something back."},
		{"code", "the box texts 4 digits to your number; text them back within 5 minutes. They are good for that one command, once; 3 an hour. Or end the text with the 6 digits of your authenticator app, and it is done at once: SAY\u00a07\u00a0spliced\u00a0123456. If a code comes that you did not ask for, somebody pretends to be you: send nothing, and tell the others."},
		{"plan", "the code in the text that shows whom it would go to, how many and at what cost. Above the limit two approvers must send it."},
		{"two", "the other approvers are asked, and one of them must agree within 15 minutes."},
	},
	Silent: "If it is silent",
	Steps: []string{
		"Text STATUS and wait two minutes.",
		"Call it: if it hangs up by itself, modem and SIM are alive.",
		"The button on the box: press it, and the self-test text goes out; hold it for 3 seconds, and STATUS goes to those on call.",
		"On the box, by keyboard or ssh: heliograph\u00a0status. It says what is wrong and what to do.",
	},
	Made: "Made by heliograph card, version %s. Print it again after an update.",
}, "pl": {
	Title: "Co napisać do tego urządzenia", Numbers: "SMS albo telefon:",
	Ring: "Nieodebrane połączenie z numeru na dyżurze to ACK: urządzenie się rozłącza, nic to nie kosztuje. Wielkość liter, polskie znaki i odstępy nie mają znaczenia; działają też polskie słowa.",
	Text: "SMS", Does: "Co robi", Who: "Kto", Proof: "Dowód",
	Legend:     "7 to numer incydentu. Część w [ ] można pominąć, | znaczy: jedno z tych. obserwator < operator < akceptujący: każdy może też wszystko to, co poprzedni. Numery spoza listy nie dostają odpowiedzi.",
	Roles:      map[command.Role]string{command.Viewer: "obserwator", command.Operator: "operator", command.Approver: "akceptujący"},
	Subscriber: "abonent",
	Named:      map[command.Proof]string{command.NoProof: "–", command.ByCode: "kod", command.ByPlan: "plan", command.ByTwo: "2 osoby"},
	Proofs:     "Dowody: sam numer z listy można podrobić",
	Proven: [][2]string{
		{"–", "żaden: polecenie tylko odczytuje albo coś wstrzymuje."},
		{"kod", "urządzenie wysyła 4 cyfry na Twój numer; odeślij je w ciągu 5 minut. Działają raz i tylko dla tego polecenia; najwyżej 3 na godzinę. Albo zakończ SMS 6 cyframi z aplikacji uwierzytelniającej, a zostanie wykonany od razu: SAY\u00a07\u00a0zespawane\u00a0123456. Kod, o który nie prosisz, znaczy, że ktoś się pod Ciebie podszywa: nic nie odsyłaj i uprzedź pozostałych."},
		{"plan", "kod z SMS-a, który pokazuje, do kogo, ile i za ile. Powyżej limitu muszą go przysłać dwie osoby akceptujące."},
		{"2 osoby", "pytani są pozostali akceptujący; jeden z nich musi się zgodzić w ciągu 15 minut."},
	},
	Silent: "Gdy milczy",
	Steps: []string{
		"Wyślij STATUS i poczekaj dwie minuty.",
		"Zadzwoń: jeśli samo się rozłącza, modem i karta SIM działają.",
		"Przycisk na urządzeniu: naciśnij, a wyjdzie SMS autotestu; przytrzymaj 3 sekundy, a STATUS dostaną dyżurni.",
		"Na urządzeniu, z klawiatury lub przez ssh: heliograph\u00a0status. Powie, co jest nie tak i co zrobić.",
	},
	Made: "Wydrukowane przez heliograph card, wersja %s. Po aktualizacji wydrukuj ponownie.",
}, "it": {
	Title: "Cosa scrivere a questo apparato", Numbers: "SMS o chiamata:",
	Ring: "Una chiamata senza risposta da un numero reperibile vale ACK: l'apparato riaggancia e non costa nulla. Maiuscole, accenti e spazi non contano; valgono anche le parole italiane.",
	Text: "SMS", Does: "Che cosa fa", Who: "Chi", Proof: "Prova",
	Legend:     "7 è il numero di un incidente. Ciò che sta tra [ ] si può omettere, | vuol dire: uno di questi. osservatore < operatore < approvatore: ognuno può anche tutto ciò che possono i precedenti. I numeri non in elenco non ricevono risposta.",
	Roles:      map[command.Role]string{command.Viewer: "osservatore", command.Operator: "operatore", command.Approver: "approvatore"},
	Subscriber: "abbonato",
	Named:      map[command.Proof]string{command.NoProof: "–", command.ByCode: "codice", command.ByPlan: "piano", command.ByTwo: "in due"},
	Proofs:     "Prove: un numero in elenco, da solo, si può falsificare",
	Proven: [][2]string{
		{"–", "nessuna: il comando legge soltanto, o trattiene qualcosa."},
		{"codice", "l'apparato manda 4 cifre al tuo numero; rimandale entro 5 minuti. Valgono una volta e solo per quel comando; al massimo 3 all'ora. Oppure chiudi l'SMS con le 6 cifre della tua app di autenticazione, ed è eseguito subito: SAY\u00a07\u00a0giuntata\u00a0123456. Un codice che non hai chiesto vuol dire che qualcuno si finge te: non rispondere e avvisa gli altri."},
		{"piano", "il codice nell'SMS che mostra a chi va, quanti e a che costo. Oltre il limite devono mandarlo due approvatori."},
		{"in due", "si chiede agli altri approvatori; uno deve acconsentire entro 15 minuti."},
	},
	Silent: "Se tace",
	Steps: []string{
		"Scrivi STATUS e aspetta due minuti.",
		"Chiamalo: se riaggancia da solo, modem e SIM sono vivi.",
		"Il pulsante sull'apparato: premuto, parte l'SMS dell'autotest; tenuto 3 secondi, STATUS va ai reperibili.",
		"Sull'apparato, da tastiera o ssh: heliograph\u00a0status. Dice che cosa non va e che cosa fare.",
	},
	Made: "Stampato da heliograph card, versione %s. Ristampalo dopo un aggiornamento.",
}}
