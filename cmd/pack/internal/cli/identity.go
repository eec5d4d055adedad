package cli

import (
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// lockFlag is --wait-for-lock.
type lockFlag struct{ wait time.Duration }

func (l *lockFlag) add(f *pflag.FlagSet) {
	spanVar(f, &l.wait, "wait-for-lock", 0, "how long another operation on the release is waited for, for example 5m; 0 ends with an error that names who works on it")
}

func (l *lockFlag) options() release.LockOptions { return release.LockOptions{Wait: l.wait} }

// identity is what pack writes on the records that it works on.
func (s *session) identity() release.Identity {
	who, _ := s.Env("USER")
	if who == "" {
		who = "pack"
	}
	if host, err := os.Hostname(); err == nil {
		who += "@" + host
	}
	return release.Identity{Who: who, Process: thisProcess(), Alive: processAlive}
}
