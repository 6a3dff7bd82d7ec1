package emulator

import "testing"

func TestContextsByTheStandard(t *testing.T) {
	t.Parallel()
	booted(t, "quectel", Options{}, func(b *bench, _ string) {
		b.ok("AT+CGDCONT?")
		b.ok(`AT+CGDCONT=1,"IPV4V6","internet"`)
		b.asks("AT+CGDCONT?", `+CGDCONT: 1,"IPV4V6","internet","0.0.0.0",0,0,0,0`)
		b.says(`AT+CGDCONT=1,"PPP","internet"`, "\r\n+CME ERROR: 50\r\n")
		b.asks("AT+CGPADDR=1", `+CGPADDR: 1,"0.0.0.0"`)
		b.ok("AT+CGACT=1,1")
		b.asks("AT+CGACT?", "+CGACT: 1,1")
		b.asks("AT+CGPADDR=1", `+CGPADDR: 1,"10.64.3.7"`)
		b.ok("AT+CGACT=0,1")
		b.modem.RefuseData("Missing or unknown APN")
		b.says("AT+CGACT=1,1", "\r\n+CME ERROR: 148\r\n")
		b.asks("AT+CEER", `+CEER: "SM","Missing or unknown APN"`)
	})
}

func TestQuectelsCard(t *testing.T) {
	t.Parallel()
	booted(t, "ec25", Options{}, func(b *bench, _ string) {
		b.ok(`AT+QNETDEVCTL=1,1,1`)
		b.asks("AT+QNETDEVCTL?", "+QNETDEVCTL: 1,1,1,1")
		b.modem.DropData()
		b.asks("AT+QNETDEVCTL?", "+QNETDEVCTL: 0,1,1,0")
		b.ok(`AT+QCFG="usbnet",1`) // it dials by itself then
		b.asks(`AT+QCFG="usbnet"`, `+QCFG: "usbnet",1`)
		b.asks("AT+CGPADDR=1", `+CGPADDR: 1,"10.64.3.7"`)
	})
}

func TestSIMComsCard(t *testing.T) {
	t.Parallel()
	booted(t, "sim7600", Options{}, func(b *bench, _ string) {
		b.asks("AT$QCRMCALL?", "$QCRMCALL: 0, V4")
		b.asks("AT$QCRMCALL=1,1", "$QCRMCALL: 1, V4")
		b.ok("AT$QCRMCALL=0,1")
		b.modem.Register(Denied)
		b.take()
		b.says("AT$QCRMCALL=1,1", "\r\nNO CARRIER\r\n")
	})
	booted(t, "a7670", Options{}, func(b *bench, _ string) {
		b.asks("AT+CGPADDR=1", `+CGPADDR: 1,"10.64.3.7"`)
		b.ok("AT+DIALMODE=1")
		b.asks("AT+CGPADDR=1", `+CGPADDR: 1,"0.0.0.0"`)
	})
}
