//go:build !linux

package cluster

import "syscall"

// childAttributes keeps the terminal's signals from the components.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
