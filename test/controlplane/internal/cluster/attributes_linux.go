package cluster

import "syscall"

// childAttributes keeps the terminal's signals from the components and has the kernel kill them with their parent,
// even while they are paused.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
