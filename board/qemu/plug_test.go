package qemu

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"heliograph/drivers/modem/emulator"
)

var (
	plugs    = flag.Int("plugs", 0, "pull the plug so often in one incident, as `make plug-test` does")
	plugSeed = flag.Uint64("plug-seed", 0, "the seed of the instants; 0 draws one")
)

// lossy serves a disk over a cache that only a flush empties: what the guest
// has not flushed dies with this process.
func lossy(t *testing.T, disk, socket string) *exec.Cmd {
	t.Helper()
	return served(t, disk, socket, "--filter=cache", "file", disk, "cache=writeback")
}

// served has nbdkit serve a disk at a socket, so that what is between QEMU and
// the disk can be killed, or made to stand still.
func served(t *testing.T, disk, socket string, how ...string) *exec.Cmd {
	t.Helper()
	os.Remove(socket)
	c := exec.Command("nbdkit", append([]string{"-f", "-U", socket}, how...)...)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	if !eventually(func() bool {
		s, err := net.Dial("unix", socket)
		if err == nil {
			s.Close()
		}
		return err == nil
	}) {
		t.Fatalf("nbdkit does not serve %s: %s", disk, said.String())
	}
	return c
}

// eventually asks until the answer is yes, or it took far too long.
func eventually(yes func() bool) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(longest); time.Now().Before(end); <-tick.C {
		if yes() {
			return true
		}
	}
	return false
}

func needsPlugs(t *testing.T) {
	if *plugs == 0 {
		t.Skip("needs -plugs N, as `make plug-test` gives it: it takes minutes")
	}
	for _, tool := range []string{"nbdkit", "qemu-io", "stdbuf"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: %v", tool, err)
		}
	}
}

// TestUnflushedDataIsLost shows that the set-up does what a pulled plug does:
// what was written and not flushed is gone, and what was flushed is there.
func TestUnflushedDataIsLost(t *testing.T) {
	needsPlugs(t)
	disk, socket := filepath.Join(t.TempDir(), "disk"), filepath.Join(t.TempDir(), "nbd")
	if err := os.WriteFile(disk, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	server := lossy(t, disk, socket)
	client := exec.Command("stdbuf", "-oL", "qemu-io", "-t", "writeback", "-f", "raw", "nbd+unix:///?socket="+socket)
	orders, err := client.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := client.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	heard, answers := "", bufio.NewReader(said)
	for _, order := range []string{"", "write -P 0x46 0 64k", "flush", "write -P 0x55 512k 64k", "read -P 0x55 512k 64k"} {
		if order != "" { // one by one, each after the prompt: it does not look for a second line
			io.WriteString(orders, order+"\n")
		}
		answer, err := answers.ReadString('>')
		if err != nil {
			t.Fatalf("qemu-io: %v\n%s", err, heard)
		}
		heard += answer
	}
	server.Process.Kill()
	client.Process.Kill()
	server.Wait()
	client.Wait()
	if strings.Count(heard, "wrote 65536/65536") != 2 || strings.Contains(heard, "verification failed") {
		t.Fatalf("qemu-io did not write twice and read:\n%s", heard)
	}
	data, err := os.ReadFile(disk)
	if err != nil {
		t.Fatal(err)
	}
	if data[0] != 0x46 {
		t.Errorf("what was flushed is not on the disk")
	}
	if data[512<<10] != 0 {
		t.Errorf("what was not flushed is on the disk: this set-up does not lose what a pulled plug loses")
	}
}

// onLossyDisk puts a cache between the box and its disk that is lost with the
// power.
func (m *machine) onLossyDisk() {
	socket := m.path("nbd")
	m.cache = func() *exec.Cmd { return lossy(m.t, m.path("disk.img"), socket) }
	m.drive = []string{"-drive", "if=none,id=disk,format=raw,cache=writeback,file=nbd+unix:///?socket=" + socket}
}

// chance draws the instants of a test, and tells by what seed.
func chance(t *testing.T) *rand.Rand {
	seed := *plugSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("%d pulls, -plug-seed=%d (%s, %s)", *plugs, seed, *arch, *accel)
	return rand.New(rand.NewPCG(seed, 0))
}

// pulls is an incident of many texts during which the plug is pulled.
type pulls struct {
	*machine
	people []string
	rnd    *rand.Rand
}

const crowd = 200

// TestPulledPlug pulls the plug at the box's first start, and then at random
// instants of an incident with 200 texts: the uplink is down at the second
// start. At the end everybody was told, at
// most one text for each pull came twice, and marked; and everybody is cleared.
func TestPulledPlug(t *testing.T) {
	needsPlugs(t)
	p := &pulls{rnd: chance(t)}
	p.machine = newMachine(t, map[string]string{"heliograph.yaml": p.configuration(), "network": network, "sim.pin": "1234\n"})
	p.direct = true
	p.sms.SubmitDelay(100 * time.Millisecond)
	p.onLossyDisk()

	p.firstStart()
	p.host.gone.Store(true)
	for n := range *plugs {
		p.pull(n)
	}
	p.on()
	p.wait("everybody is told", func() bool { return p.reached(" DOWN ") == crowd })
	p.host.gone.Store(false)
	p.wait("everybody is cleared", func() bool { return p.reached("ALL CLEAR") == crowd })
	p.tell()
	p.kill()
	p.weigh()
}

func (p *pulls) configuration() string {
	var people, names []string
	for i := range crowd {
		p.people = append(p.people, fmt.Sprintf("+48600300%03d", i))
		names = append(names, fmt.Sprintf("p%d", i))
		people = append(people, fmt.Sprintf("  - {name: p%d, sms: %q, role: operator}\n", i, p.people[i]))
	}
	return strings.NewReplacer(
		"people:\n  - {name: ada, sms: \""+adaNumber+"\", role: operator}\n", "people:\n"+strings.Join(people, "")+"limits: {recipient: 1000/hour}\n",
		"[ada]", "["+strings.Join(names, ", ")+"]", "sim.pin}}", "sim.pin}, limits: {sms: 10000/day}}",
	).Replace(configuration)
}

// firstStart pulls the plug while the box makes its data partition, takes in
// its configuration, or has just done so.
func (p *pulls) firstStart() {
	p.on()
	p.wait("the first start", func() bool { return strings.Contains(p.console.text(), "making the data partition") })
	p.after(p.upTo(8 * time.Second))
	p.t.Logf("pulled at the first start, after %.1f s", time.Since(p.started).Seconds())
	p.kill()
}

// pull starts the box and pulls the plug at a random instant after it has said
// something. Every fourth time it does so earlier, while it starts.
func (p *pulls) pull(n int) {
	p.on()
	if n%4 == 3 {
		p.after(p.upTo(12 * time.Second))
	} else {
		p.wait("the appliance starts", func() bool { return strings.Contains(p.console.text(), "the appliance is started") })
		before := len(p.sms.Submitted()) // what was on its way at the last pull was taken long ago
		p.wait("it speaks", func() bool { return len(p.sms.Submitted()) > before })
		p.after(p.upTo(4 * time.Second))
	}
	said := p.sms.Submitted()
	last := "nothing"
	if len(said) > 0 {
		last = said[len(said)-1].Body
	}
	p.tell()
	p.t.Logf("pull %2d after %.1f s: %d texts taken, the last: %s", n+1, time.Since(p.started).Seconds(), len(said), last)
	p.kill()
}

// worth are the lines of the console that tell how a start found the disk.
var worth = regexp.MustCompile(`e2fsck|data partition|EXT4|set aside|broken|started|stopped while|taken in|store`)

func (p *pulls) tell() {
	for line := range strings.Lines(p.console.text()) {
		if worth.MatchString(line) {
			p.t.Logf("          %.200s", strings.TrimSpace(line))
		}
	}
}

// reached counts the people who have a text with a word.
func (p *pulls) reached(word string) int {
	n := 0
	for _, number := range p.people {
		if len(with(p.sms.Phone(number).Texts(), word)) > 0 {
			n++
		}
	}
	return n
}

func with(texts []emulator.Text, word string) []emulator.Text {
	var found []emulator.Text
	for _, t := range texts {
		if strings.Contains(t.Body, word) {
			found = append(found, t)
		}
	}
	return found
}

// weigh counts what was lost and what came twice.
func (p *pulls) weigh() {
	lost, repeated, unmarked := 0, 0, 0
	for _, number := range p.people {
		for _, word := range []string{" DOWN ", "ALL CLEAR"} {
			said := with(p.sms.Phone(number).Texts(), word)
			marked := len(with(said, "(again)"))
			if len(said) == 0 {
				lost++
			}
			if len(said) > 1 && repeated < 3 {
				p.t.Logf("repeated: %v", said)
			}
			repeated += max(0, len(said)-1)
			unmarked += max(0, len(said)-marked-1)
		}
	}
	p.t.Logf("pulls: %d and one at the first start; deliveries: %d; lost: %d; repeated: %d, of them unmarked: %d", *plugs, 2*crowd, lost, repeated, unmarked)
	if lost > 0 || unmarked > 0 || repeated > *plugs {
		p.t.Errorf("lost %d, repeated %d (%d unmarked) in %d pulls; want 0 lost and at most one repeated for each, marked", lost, repeated, unmarked, *plugs)
	}
}

// upTo draws a length of time.
func (p *pulls) upTo(d time.Duration) time.Duration { return time.Duration(p.rnd.Int64N(int64(d))) }
