package render_test

import (
	"os"
	"syscall"
)

// peak is how much memory a process took at the most, in bytes.
func peak(p *os.ProcessState) int64 { return p.SysUsage().(*syscall.Rusage).Maxrss << 10 }
