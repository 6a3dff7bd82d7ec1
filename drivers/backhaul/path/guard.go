package path

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Counter is how often a rule of the guard has decided.
type Counter struct{ Packets, Bytes uint64 }

// Counters are those of the guard since it was laid last.
type Counters struct {
	Out, In               Counter // our own conversations, and what the kernel needs
	RefusedOut, RefusedIn Counter
	RefusedForward        Counter
}

// fence is what the guard depends on.
type fence struct {
	device string
	mtu    int
	dhcp   bool
}

const guardPrefix = "heliograph_"

// guard is the nftables table of one backhaul. A conversation is ours when a
// marked socket of ours began it: its conntrack entry then bears the mark too,
// by which answers, resets and errors about it are known both ways.
type guard struct {
	table *nftables.Table
	mark  uint32
	laid  *fence // nil is none; by Path.shaping, or look while it runs
}

func newGuard(name string, mark uint32) *guard {
	return &guard{mark: mark, table: &nftables.Table{Family: nftables.TableFamilyINet, Name: guardPrefix + strings.ReplaceAll(name, "-", "_")}}
}

// lay puts the guard around a device in one transaction, in place of an
// earlier one.
func (g *guard) lay(f fence) error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	c.AddTable(g.table) // so that there is one to delete
	c.DelTable(g.table)
	c.AddTable(g.table)
	for _, name := range []string{"out", "in", "refused_out", "refused_in", "refused_forward"} {
		c.AddObj(&nftables.NamedObj{Table: g.table, Name: name, Type: nftables.ObjTypeCounter, Obj: &expr.Counter{}})
	}
	g.chain(c, "output", nftables.ChainHookOutput, g.outward(f))
	g.chain(c, "input", nftables.ChainHookInput, g.inward(f))
	g.chain(c, "forward", nftables.ChainHookForward, [][]expr.Any{
		rule(device(expr.MetaKeyIIFNAME, f.device), refuse("refused_forward")),
		rule(device(expr.MetaKeyOIFNAME, f.device), refuse("refused_forward")),
	})
	if err := c.Flush(); err != nil {
		return explain(err)
	}
	g.laid = &f
	return nil
}

// explain names what a kernel lacks.
func explain(err error) error {
	if errors.Is(err, syscall.EPROTONOSUPPORT) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.ENOENT) {
		return fmt.Errorf("this kernel lacks a part of nftables (NF_TABLES_INET, NFT_CT); without the guard the backhaul is not used: %w", err)
	}
	return err
}

// keep lays the guard again if somebody flushed it.
func (g *guard) keep() error {
	if g.laid == nil {
		return nil
	}
	there, err := g.there()
	if err != nil || there {
		return err
	}
	return g.lay(*g.laid)
}

func (g *guard) there() (bool, error) {
	c, err := nftables.New()
	if err != nil {
		return false, err
	}
	chains, err := c.ListChainsOfTableFamily(nftables.TableFamilyINet)
	for _, chain := range chains {
		if chain.Table.Name == g.table.Name {
			return true, err
		}
	}
	return false, err
}

// remove is no error where there is none, or no nftables.
func (g *guard) remove() error {
	g.laid = nil
	return removeGuards(func(name string) bool { return name == g.table.Name })
}

func sweepGuards() error {
	return removeGuards(func(name string) bool { return strings.HasPrefix(name, guardPrefix) })
}

func removeGuards(ours func(name string) bool) error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	tables, err := c.ListTablesOfFamily(nftables.TableFamilyINet)
	if errors.Is(err, syscall.EPROTONOSUPPORT) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EINVAL) {
		return nil // without nftables there is nothing to remove
	}
	if err != nil {
		return err
	}
	for _, t := range tables {
		if ours(t.Name) {
			c.DelTable(t)
		}
	}
	return c.Flush()
}

// Counters reads the guard's counters.
func (p *Path) Counters() (Counters, error) {
	c, err := nftables.New()
	if err != nil {
		return Counters{}, err
	}
	objects, err := c.GetNamedObjects(p.guard.table)
	if err != nil {
		return Counters{}, p.fault("reading the guard's counters", err)
	}
	var all Counters
	at := map[string]*Counter{"out": &all.Out, "in": &all.In,
		"refused_out": &all.RefusedOut, "refused_in": &all.RefusedIn, "refused_forward": &all.RefusedForward}
	for _, o := range objects {
		named, ok := o.(*nftables.NamedObj)
		if !ok || at[named.Name] == nil {
			continue
		}
		if n, ok := named.Obj.(*expr.Counter); ok {
			*at[named.Name] = Counter{Packets: n.Packets, Bytes: n.Bytes}
		}
	}
	return all, nil
}

func (g *guard) chain(c *nftables.Conn, name string, hook *nftables.ChainHook, rules [][]expr.Any) {
	accept := nftables.ChainPolicyAccept
	chain := c.AddChain(&nftables.Chain{Table: g.table, Name: name, Type: nftables.ChainTypeFilter, Hooknum: hook,
		Priority: nftables.ChainPriorityFilter, Policy: &accept})
	for _, r := range rules {
		c.AddRule(&nftables.Rule{Table: g.table, Chain: chain, Exprs: r})
	}
}

// outward: neighbour discovery is the kernel's and has no mark. Multicast
// listener reports go unheard, which no cellular network misses.
func (g *guard) outward(f fence) [][]expr.Any {
	out := device(expr.MetaKeyOIFNAME, f.device)
	rules := clamp(out, f.mtu)
	rules = append(rules,
		rule(out, meta(expr.MetaKeyMARK, native(g.mark)), bear(g.mark), accept("out")),
		rule(out, g.ours(), accept("out")))
	for _, kind := range []byte{133, 135, 136} { // RFC 4861: router and neighbour solicitation, neighbour advertisement
		rules = append(rules, rule(out, icmp6(kind), accept("out")))
	}
	if f.dhcp {
		rules = append(rules, rule(out, udp(68, 67), accept("out")), rule(out, udp(546, 547), accept("out")))
	}
	return append(rules, rule(out, refuse("refused_out")))
}

// inward: errors about our conversations, packet too big among them, count as
// theirs; redirects would too, so they are refused first.
func (g *guard) inward(f fence) [][]expr.Any {
	in := device(expr.MetaKeyIIFNAME, f.device)
	rules := append(clamp(in, f.mtu),
		rule(in, icmp4(5), refuse("refused_in")),
		rule(in, icmp6(137), refuse("refused_in")),
		rule(in, g.ours(), accept("in")))
	for _, kind := range []byte{134, 135, 136} { // RFC 4861: router advertisement, neighbour solicitation and advertisement
		rules = append(rules, rule(in, icmp6(kind), accept("in")))
	}
	if f.dhcp {
		rules = append(rules, rule(in, udp(67, 68), accept("in")), rule(in, udp(547, 546), accept("in")))
	}
	return append(rules, rule(in, refuse("refused_in")))
}

func rule(parts ...[]expr.Any) (all []expr.Any) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func count(name string) expr.Any { return &expr.Objref{Type: unix.NFT_OBJECT_COUNTER, Name: name} }

func accept(counter string) []expr.Any {
	return []expr.Any{count(counter), &expr.Verdict{Kind: expr.VerdictAccept}}
}

func refuse(counter string) []expr.Any {
	return []expr.Any{count(counter), &expr.Verdict{Kind: expr.VerdictDrop}}
}

func native(v uint32) []byte { return binaryutil.NativeEndian.PutUint32(v) }

func equal(data []byte) expr.Any { return &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: data} }

func meta(key expr.MetaKey, value []byte) []expr.Any {
	return []expr.Any{&expr.Meta{Key: key, Register: 1}, equal(value)}
}

// device compares by name, so that the guard holds for an interface that was
// pulled and comes again.
func device(key expr.MetaKey, name string) []expr.Any {
	padded := make([]byte, unix.IFNAMSIZ)
	copy(padded, name)
	return meta(key, padded)
}

// bear gives the conversation our mark.
func bear(mark uint32) []expr.Any {
	return []expr.Any{&expr.Immediate{Register: 1, Data: native(mark)}, &expr.Ct{Key: expr.CtKeyMARK, Register: 1, SourceRegister: true}}
}

// ours are packets of a conversation that bears our mark, and errors about it.
func (g *guard) ours() []expr.Any {
	return []expr.Any{
		&expr.Ct{Key: expr.CtKeyMARK, Register: 1}, equal(native(g.mark)),
		&expr.Ct{Key: expr.CtKeySTATE, Register: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: native(expr.CtStateBitESTABLISHED | expr.CtStateBitRELATED), Xor: native(0)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: native(0)},
	}
}

func payload(offset, length uint32) expr.Any {
	return &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: length}
}

func icmp4(kind byte) []expr.Any {
	return append(meta(expr.MetaKeyL4PROTO, []byte{unix.IPPROTO_ICMP}), payload(0, 1), equal([]byte{kind}))
}

func icmp6(kind byte) []expr.Any {
	return append(meta(expr.MetaKeyL4PROTO, []byte{unix.IPPROTO_ICMPV6}), payload(0, 1), equal([]byte{kind}))
}

func udp(from, to uint16) []expr.Any {
	both := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, from), to)
	return append(meta(expr.MetaKeyL4PROTO, []byte{unix.IPPROTO_UDP}), payload(0, 4), equal(both))
}

// clamp lowers the largest segment in SYN packets to what the MTU carries: 20
// bytes of TCP after 20 of IPv4 or 40 of IPv6. The kernel never raises it.
func clamp(way []expr.Any, mtu int) [][]expr.Any {
	const synOffset, syn = 13, 0x02
	const maxseg = 2 // kind of the TCP option, RFC 9293 §3.2
	one := func(proto byte, header int) []expr.Any {
		return rule(way, meta(expr.MetaKeyNFPROTO, []byte{proto}), meta(expr.MetaKeyL4PROTO, []byte{unix.IPPROTO_TCP}), []expr.Any{
			payload(synOffset, 1),
			&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{syn}, Xor: []byte{0}},
			equal([]byte{syn}),
			&expr.Immediate{Register: 1, Data: binary.BigEndian.AppendUint16(nil, uint16(mtu-header))},
			&expr.Exthdr{SourceRegister: 1, Type: maxseg, Offset: 2, Len: 2, Op: expr.ExthdrOpTcpopt},
		})
	}
	return [][]expr.Any{one(unix.NFPROTO_IPV4, 40), one(unix.NFPROTO_IPV6, 60)}
}
