package modem_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/delivery"
	"heliograph/drivers/modem"
	"heliograph/drivers/modem/emulator"
)

// others are the cases of data, which this driver does not carry.
var others = []int{39, 40, 41}

// care names, for each case of field experience, the tests that tell what the
// driver does about it. TestEveryCaseIsSurvived stages each of them besides.
var care = map[int][]string{
	1:  {"TestATextReachesAPhoneAndItsReportComesBack"},
	2:  {"TestASlowAnswerIsWaitedForAndNotSentTwice"},
	3:  {"TestNoAnswerIsUnsureAndALateOneIsHeard", "TestAnAnswerThatComesAfterThePortWasOpenedAnewIsStillHeard"},
	4:  {"TestTextsWithoutAWayOnLTEAreToldAndNotTriedForEver", "TestEveryRefusalHasItsFate"},
	5:  {"TestATextGoesOutAfterThePromptWhateverItsShape"},
	6:  {"TestNothingIsWrittenWhenNoPromptComes"},
	7:  {"TestAPromptLeftOpenByWhoeverWasHereBeforeIsEnded", "TestAPromptNobodyAskedForIsEnded"},
	8:  {"TestAModemThatEchoesWhateverItIsToldStillWorks", "TestEchoThatComesBackMeansThatSettingsAreGone"},
	9:  {"TestNoticesInTheMiddleOfAnAnswerGoTheirOwnWay"},
	10: {"TestANoticeForAnEmptySlotIsNothing", "TestReportsInAMemoryOfTheirOwnAreRead"},
	11: {"TestADirectTextAndReportAreTakenWhereverTheyStand"},
	12: {"TestNoDutyToAcknowledgeIsTakenOn"},
	13: {"TestAReportMayComeBeforeItsReference"},
	14: {"TestAReportThatComesInTwoReadsIsOne", "TestAnAnswerCutAtEveryByteIsTheSame"},
	15: {"TestReportsTellTryingDeliveredAndFailed"},
	16: {"TestReportsInAMemoryOfTheirOwnAreRead", "TestReportsComeFromAModemThatRefusesToPassThemOn"},
	17: {"TestEveryRefusalHasItsFate", "TestAVendorsCodeMeansWhatThatVendorSays", "TestAPlainErrorIsLookedInto", "TestCongestionIsToldApart"},
	18: {"TestRefusalsInAllTheirSpellings"},
	19: {"TestALateAnswerIsNotTheNextCommands"},
	20: {"TestForeignBytesDoNoHarm"},
	21: {"TestAModemLeftWithoutWordsIsMadeToSpeak"},
	22: {"TestAPortThatGoesBeforeTheTextIsTheWorkersFault", "TestAPortThatGoesAfterTheTextLeavesItUnsure", "TestAPortThatReturnsIsUsedWithinASecond"},
	23: {"TestAPortThatTakesNothingIsClosedAfterFiveSeconds"},
	24: {"TestAPortThatIsAwayIsLookedForFourTimesASecond", "TestASilentPortSaysSo"},
	25: {"TestARightPINIsSentOnceAndForgotten", "TestAWrongPINIsNeverSentAgain", "TestAPINIsNotSentWhenItCouldBlockTheSIM", "TestAPUKIsNeverSent", "TestTheSIMsStateIsReadInEveryForm", "TestAPUKThatAppearsAtRunTimeStopsEverything"},
	26: {"TestACardThatIsPulledIsToldAtOnceAndAnotherIsRead", "TestAnotherSIMIsNoticedThoughTheBoxWasOff"},
	27: {"TestABootStormIsAnsweredByOneBringUp", "TestAModemThatRestartsDuringATextIsNotWaitedFor"},
	28: {"TestASlowModemIsWaitedFor"},
	29: {"TestRegistrationIsReadInAllItsForms", "TestARegistrationThatFlapsIsNotTold", "TestTextsWithoutAWayOnLTEAreToldAndNotTriedForEver", "TestNetworkCausesAreNoReasonToRestartAnything", "TestA5GCoreAloneIsARegistrationForData"},
	30: {"TestWhatCameBeforeTheBoxIsReadFromBothMemories", "TestWhatComesInIsReadAsFarAsItCanBe"},
	31: {"TestAFullStoreIsEmptiedAndTheRestComes", "TestAStoreThatFillsIsCleanedAndSaid"},
	32: {"TestALongListIsEmptiedBetweenTextsAndLosesNone", "TestALongListAtTheStartHoldsNoTextUp", "TestALongQueueHidesNeitherTextsNorTheModem"},
	33: {"TestNoticesAreNegotiated", "TestNoticesThatAreForgottenAreSetAgainAndTold"},
	34: {"TestWhatComesInIsReadAsFarAsItCanBe", "TestATextNobodyCanReadIsHandedOverAndBlocksNothing", "TestSendersAreWrittenInFull"},
	35: {"TestWhatComesInIsReadAsFarAsItCanBe"},
	36: {"TestAServiceCodeIsAnswered", "TestServiceCodesThatFailSayWhatToDo", "TestAnErrorThatComesAstrayIsTheCodesAndNotTheTexts"},
	37: {"TestACallIsToldOnceAndHungUp", "TestACallDuringATextHarmsNeither"},
	38: {"TestClocksAreReadAndUnsetOnesRefused", "TestAClockThatShowsUniversalTimeAsLocalIsCaught"},
	42: {"TestASickModemIsHealedStepByStep", "TestAResetThatNeverEndsIsLeftToThePower"},
	43: {"TestARadioThatWasLeftOffIsSwitchedOn"},
	44: {"TestAnotherProgramOnThePortIsNoticed", "TestSettingsThatSomebodyChangedAreSetAgain", "TestSomebodyElsesOKIsNotTaken"},
	45: {"TestOnlyTheMissingPartOfALongTextGoesAgain"},
	46: {"TestTheServiceCentreIsWrittenOncePerSIM", "TestACentreThatComesAsUCS2IsRead", "TestASIMWithoutACentreIsUnfitUntilThereIsOne"},
	47: {"TestThreeNumbersRefusedAlikeAreTheSIMsFault"},
	48: {"TestNetworkCausesAreNoReasonToRestartAnything"},
	49: {"TestABurstKeepsTheLinkUpAndAModemThatRefusesIsRemembered"},
	50: {"TestSignalIsReadFromWhicheverSystemThereIs"},
	51: {"TestAModemThatRestartedByItselfIsBroughtUpAgain"},
	52: {"TestAnAnswerPrintedTwiceProvesNothingAboutAnotherText", "TestNoticesThatGoElsewhereAreTold"},
	53: {"TestAnAnswerCutAtEveryByteIsTheSame", "TestADialogueThatComesByteByByteIsTheSame"},
	54: {"TestAFloodOfSignalsLosesNoText", "TestAThousandNoticesASecondLeaveNothingBehind"},
	55: {"TestABoxThatIsKilledInATextLeavesAModemThatWorks", "TestABoxThatIsKilledBetweenPartsSendsTheRest", "TestACallerWhoGivesUpKnowsWhetherTheTextWasOut", "TestARestartOfTheBoxIsFitWellWithinASecond"},
}

// TestEveryCaseHasItsTest fails when a case is missing from the list, or a
// test that the list names is missing from the code.
func TestEveryCaseHasItsTest(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	for _, dir := range []string{".", "../at"} {
		files, err := filepath.Glob(dir + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					there[fn.Name.Name] = true
				}
			}
		}
	}
	for n := 1; n <= 55; n++ {
		if slices.Contains(others, n) {
			continue
		}
		if len(care[n]) == 0 {
			t.Errorf("case %d has no test", n)
		}
		for _, name := range care[n] {
			if !there[name] {
				t.Errorf("case %d names %s, which does not exist", n, name)
			}
		}
		if _, staged := emulator.CaseByNumber(n); !staged {
			t.Errorf("case %d cannot be staged", n)
		}
	}
}

// expected is what becomes of the first text of a case where that is not
// plainly that it goes.
type expected struct {
	fate  delivery.Fate // of the first try
	state modem.State   // where the modem stays, if it does not get fit
	none  bool          // no text ever goes
	had   bool          // the centre says that it had the text already
}

// fates are by case and variant, or by case alone.
var fates = map[string]expected{
	"3": {fate: delivery.Unsure}, "4": {fate: delivery.Unsure},
	"6": {fate: delivery.Retry}, "7": {fate: delivery.Retry},
	"17 38": {fate: delivery.Retry}, "17 1": {fate: delivery.Never}, "17 8": {fate: delivery.Retry}, "17 10": {fate: delivery.Retry}, "17 17": {fate: delivery.Retry},
	"17 21": {fate: delivery.Never}, "17 96": {fate: delivery.Never}, "17 303": {fate: delivery.Never},
	"17 332": {fate: delivery.Unsure}, "17 500": {fate: delivery.Unsure}, "17 513": {fate: delivery.Never}, "17 514": {fate: delivery.Never}, "17 words": {fate: delivery.Unsure},
	"22 prompt": {fate: delivery.Retry}, "22 mid-pdu": {fate: delivery.Unsure}, "22 after-pdu": {fate: delivery.Unsure}, "22 committed": {fate: delivery.Unsure},
	"25 tries1": {state: modem.PINNeeded}, "25 wrong": {state: modem.PINWrong}, "25 puk": {state: modem.PUKNeeded}, "25 runtime": {state: modem.PUKNeeded},
	"25 cme10": {state: modem.NoSIM}, "25 cme13": {state: modem.SIMTrouble},
	"26 removed": {state: modem.NoSIM},
	"27 in-send": {fate: delivery.Unsure},
	"29 denied":  {state: modem.Denied}, "29 rlos": {state: modem.NoService},
	"29 eps-only": {fate: delivery.Unsure, none: true}, "29 ims-off": {fate: delivery.Unsure, none: true},
	"46 empty": {fate: delivery.Retry, none: true}, "46 locked": {fate: delivery.Retry, none: true},
	"47": {none: true}, "48": {none: true},
	"17 197": {had: true}, "17 22": {fate: delivery.Retry}, "17 42": {fate: delivery.Retry}, "17 330": {fate: delivery.Retry}, "17 331": {fate: delivery.Retry}, "17 error": {fate: delivery.Retry},
}

// TestEveryCaseIsSurvived stages every case in every form: the modem is fit
// again, a text goes and goes once, an answer comes in and comes once; or the
// trouble is told by its name.
func TestEveryCaseIsSurvived(t *testing.T) {
	t.Parallel()
	for _, c := range emulator.Cases() {
		for _, v := range c.Variants {
			t.Run(fmt.Sprintf("%02d %s/%s", c.Number, c.Name, v), func(t *testing.T) {
				want, ok := fates[fmt.Sprintf("%d %s", c.Number, v)]
				if !ok {
					want = fates[fmt.Sprint(c.Number)]
				}
				survived(t, c, v, want)
			})
		}
	}
}

func survived(t *testing.T, c emulator.Case, v string, want expected) {
	stage := func(b *bench) {
		if err := emulator.Stage(b.emu, c.Number, v); err != nil {
			b.t.Fatal(err)
		}
	}
	early := func(b *bench) {
		b.opt.PIN = "1234"
		if c.Early {
			stage(b)
		}
	}
	story(t, emulator.Options{}, early, func(b *bench) {
		if !c.Early {
			b.ready()
			stage(b)
		}
		if want.state != "" {
			b.pass(3 * time.Minute)
			h := b.state(want.state)
			if h.Fit || h.Why == "" || h.Advice == "" {
				b.t.Errorf("health %+v", h)
			}
			return
		}
		b.pass(time.Second)
		first := b.until(delivery.Job{ID: 1, To: ada, Text: "first"}, want)
		if want.none {
			if n := len(b.net.Submitted()); n != 0 || b.m.Health().Fit && b.m.Health().State != modem.Ready {
				b.t.Errorf("%d texts went, health %+v", n, b.m.Health())
			}
			return
		}
		b.pass(15 * time.Minute)
		b.until(delivery.Job{ID: 2, To: bob, Text: "second"}, expected{})
		b.net.Phone(bob).Send(b.emu.Number(), "ACK once")
		b.pass(2 * time.Minute)
		b.once("first", first && !want.had)
		b.once("second", true)
		if n := strings.Count(b.in.told(), `"ACK once"`); n != 1 {
			b.t.Errorf("the answer came %d times:\n%s", n, b.in.told())
		}
	})
}

// until sends a text as the outbox would: again after a retry, never after an
// unsure or a refusal for good. It tells whether the text was taken.
func (b *bench) until(j delivery.Job, want expected) bool {
	b.t.Helper()
	for i := range 12 {
		for range 3000 {
			if b.m.Health().Fit {
				break
			}
			b.pass(100 * time.Millisecond)
		}
		_, err := b.job(j)
		if i == 0 && want.fate != 0 && (err == nil || err.Fate != want.fate) {
			b.t.Errorf("the first try: got %v, want %v", err, want.fate)
		}
		switch {
		case err == nil:
			return true
		case err.Fate != delivery.Retry:
			if want.fate != err.Fate && !want.none {
				b.t.Errorf("got %v", err)
			}
			return false
		case want.none && i > 2:
			return false
		}
		b.pass(max(err.After, time.Second))
	}
	b.t.Errorf("%q did not go in twelve tries; health %+v", j.Text, b.m.Health())
	return false
}

// once checks that the centre took a text once; one that ended unsure may have
// been taken or not.
func (b *bench) once(text string, sure bool) {
	b.t.Helper()
	n := 0
	for _, s := range b.net.Submitted() {
		if s.Body == text {
			n++
		}
	}
	if n > 1 || sure && n != 1 {
		b.t.Errorf("the centre took %q %d times", text, n)
	}
}
