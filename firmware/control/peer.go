package control

import (
	"fmt"
	"net"
	"os/user"
	"strconv"

	"golang.org/x/sys/unix"
)

// peer names who is at the other end of a unix socket, as the kernel tells
// (SO_PEERCRED, unix(7)); the timeline says who gave an order.
func peer(c net.Conn) string {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return c.RemoteAddr().String()
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return "somebody on the box"
	}
	var cred *unix.Ucred
	if e := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); e != nil || err != nil {
		return "somebody on the box"
	}
	if who, err := user.LookupId(strconv.Itoa(int(cred.Uid))); err == nil {
		return who.Username
	}
	return fmt.Sprintf("uid %d", cred.Uid)
}
