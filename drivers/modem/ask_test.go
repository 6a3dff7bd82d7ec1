package modem_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem/emulator"
)

// stage36 stages a form of the answer to service codes.
func (b *bench) stage36(variant string) {
	b.t.Helper()
	if err := emulator.Stage(b.emu, 36, variant); err != nil {
		b.t.Fatal(err)
	}
}

// asked asks for the credit.
func (b *bench) asked() (string, *delivery.Error) {
	b.t.Helper()
	text, err := b.m.Ask(context.Background(), "*101#")
	var e *delivery.Error
	if err != nil && !errors.As(err, &e) {
		b.t.Fatalf("the error is no *delivery.Error: %v", err)
	}
	return text, e
}

func TestAServiceCodeIsAnswered(t *testing.T) {
	const credit = "Stan konta: 12,40 PLN\nWazne do 2026-12-01"
	for variant, want := range map[string]string{
		"": "Credito: 5,20 €, à bientôt", "lines": credit, "ucs2": credit, "packed": credit, "open": credit + "\n1 Pakiety\n0 Koniec",
	} {
		t.Run("variant "+variant, func(t *testing.T) {
			story(t, emulator.Options{Latency: 20 * time.Millisecond}, nil, func(b *bench) {
				b.ready()
				if variant == "" {
					b.net.USSD("*101#", "Credito: 5,20 €, à bientot")
					want = "Credito: 5,20 €, à bientot"
				} else {
					b.stage36(variant)
				}
				text, err := b.asked()
				b.want("answer", text, want)
				if err != nil || b.emu.State().USSD {
					b.t.Errorf("%v; the session is open: %t", err, b.emu.State().USSD)
				}
				if b.heardBy("AT+CUSD=2") != map[bool]int{true: 1}[variant == "open"] {
					b.t.Error("AT+CUSD=2 is for sessions that are open, and those alone")
				}
				if strings.Contains(b.trace.text(), "12,40") {
					b.t.Errorf("the amount is in the trace:\n%s", b.trace.text())
				}
			})
		})
	}
}

func TestServiceCodesThatFailSayWhatToDo(t *testing.T) {
	for variant, c := range map[string]struct {
		fate   delivery.Fate
		says   string
		advice string
		within time.Duration
	}{
		"unsupported": {delivery.Never, "does not know *101#", "keyword", 3 * time.Second},
		"cme132":      {delivery.Never, "CME 132", "keyword", 10 * time.Second},
		"ended":       {delivery.Retry, "ended it without an answer", "", 3 * time.Second},
		"timed-out":   {delivery.Retry, "gave no answer in time", "", 33 * time.Second},
		"silent":      {delivery.Retry, "no answer to *101# within 45s", "keyword", 46 * time.Second},
	} {
		t.Run(variant, func(t *testing.T) {
			story(t, emulator.Options{}, nil, func(b *bench) {
				b.ready()
				b.pass(5 * time.Second)
				b.stage36(variant)
				began := time.Now()
				text, err := b.asked()
				if err == nil || err.Fate != c.fate || !err.Worker || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Advice, c.advice) || text != "" || time.Since(began) > c.within {
					b.t.Errorf("%q, %+v after %s", text, err, time.Since(began))
				}
				if cancelled := b.heardBy("AT+CUSD=2") == 1; cancelled != (variant == "silent") {
					b.t.Errorf("cancelled: %t", cancelled)
				}
				b.stage36("lines") // one that failed does not spoil the next
				if text, err := b.asked(); err != nil || !strings.HasPrefix(text, "Stan konta") {
					b.t.Errorf("the next: %q, %v", text, err)
				}
			})
		})
	}
}

func TestEveryMakeIsAskedInItsOwnForm(t *testing.T) {
	t.Run("packed", func(t *testing.T) {
		story(t, emulator.Options{Persona: emulator.E3372()}, nil, func(b *bench) {
			b.ready()
			b.net.USSD("*101#", "Konto: {credit}")
			b.net.Credit(1240, 0)
			if text, err := b.asked(); err != nil || text != "Konto: 12.40" || b.heardBy(`AT+CUSD=1,"AA182C3602",15`) != 1 || b.heardBy(`AT+CUSD=1,"*101#",15`) != 0 {
				b.t.Errorf("%q, %v", text, err)
			}
		})
	})
	t.Run("of a make that does not say so", func(t *testing.T) {
		persona := emulator.Quectel()
		persona.PackedUSSD = true
		story(t, emulator.Options{Persona: persona}, nil, func(b *bench) {
			b.ready()
			b.net.USSD("*101#", "1234567890")
			for range 2 {
				if text, err := b.asked(); err != nil || text != "1234567890" {
					b.t.Errorf("%q, %v", text, err)
				}
			}
			if n := b.heardBy(`AT+CUSD=1,"*101#",15`); n != 1 {
				b.t.Errorf("the form that it does not take was tried %d times", n)
			}
		})
	})
	t.Run("of no make", func(t *testing.T) {
		story(t, emulator.Options{}, nil, func(b *bench) {
			b.ready()
			b.fault(emulator.Fault{On: "+CUSD=1,", Times: -1, Answer: "ERROR"})
			if text, err := b.asked(); err == nil || err.Fate != delivery.Never || !strings.Contains(err.Advice, "keyword") {
				b.t.Errorf("%q, %v", text, err)
			}
		})
	})
}

// Texts go while a code is under way. Its error may come in the middle of one,
// and looks like that text's.
func TestAnErrorThatComesAstrayIsTheCodesAndNotTheTexts(t *testing.T) {
	for name, refused := range map[string]int{"a text that is taken": 0, "a text that is refused": 42} {
		t.Run(name, func(t *testing.T) {
			story(t, emulator.Options{Latency: 20 * time.Millisecond}, nil, func(b *bench) {
				b.ready()
				b.net.SubmitDelay(12 * time.Second)
				b.net.Phone(bob).Refused(refused)
				b.stage36("cme132")
				failed := make(chan *delivery.Error, 1)
				go func() {
					_, err := b.asked()
					failed <- err
				}()
				b.pass(time.Second)
				r, err := b.send(bob, "meanwhile")
				if refused == 0 && (err != nil || len(r.Parts) != 1 || r.Parts[0].Reference != 1) {
					b.t.Errorf("the text: %+v, %v", r, err)
				}
				if refused != 0 && (err == nil || err.Code != "CMS 42") {
					b.t.Errorf("the text: %v", err)
				}
				if err := <-failed; err == nil || err.Code != "CME 132" {
					b.t.Errorf("the code: %v", err)
				}
				if n := len(b.net.Submitted()); n != 1-min(1, refused) {
					b.t.Errorf("the centre took %d texts", n)
				}
				b.net.Phone(bob).Refused(0)
				if r, err := b.send(bob, "afterwards"); err != nil || r.Parts[0].Reference != 2 {
					b.t.Errorf("the next text: %+v, %v", r, err)
				}
			})
		})
	}
}

func TestTextsGoBeforeServiceCodesAndCallsBeforeBoth(t *testing.T) {
	story(t, emulator.Options{Latency: 20 * time.Millisecond}, nil, func(b *bench) {
		b.ready()
		b.stage36("lines")
		done := make(chan string, 2)
		go func() {
			b.m.Ring(context.Background(), ada, 10*time.Second)
			done <- "the call"
		}()
		b.pass(time.Second)
		go func() {
			b.asked()
			done <- "the code"
		}()
		b.pass(5 * time.Second)
		if n := b.heardBy(`AT+CUSD=1,"*101#",15`); n != 0 {
			b.t.Error("a code was sent during a call")
		}
		b.want("order", <-done+", "+<-done, "the call, the code")
	})
}

func TestWhatIsNoServiceCodeIsNotSent(t *testing.T) {
	story(t, emulator.Options{}, nil, func(b *bench) {
		b.ready()
		for _, code := range []string{"", `*101#",15`, "*101#\r", "saldo", strings.Repeat("1", 41)} {
			_, err := b.m.Ask(b.t.Context(), code)
			var e *delivery.Error
			if !errors.As(err, &e) || e.Fate != delivery.Never {
				b.t.Errorf("%q: %v", code, err)
			}
		}
		ctx, cancel := context.WithTimeout(b.t.Context(), 3*time.Second)
		defer cancel()
		b.stage36("silent")
		if _, err := b.m.Ask(ctx, "*101#"); err == nil || !errors.Is(err, context.DeadlineExceeded) || b.heardBy("AT+CUSD=2") != 1 {
			b.t.Errorf("given up: %v", err)
		}
		b.stop()
		<-b.ended
		var e *delivery.Error
		if _, err := b.m.Ask(b.t.Context(), "*101#"); !errors.As(err, &e) || !e.Worker {
			b.t.Errorf("stopped: %v", err)
		}
	})
}
