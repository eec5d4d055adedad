package cli

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

// readinessFlag is --readiness.
type readinessFlag struct{ file string }

func (r *readinessFlag) add(f *pflag.FlagSet) {
	f.StringVar(&r.file, "readiness", "", "a file, a URL or '-' with rules by kind of when objects are ready and when they have failed")
}

// read reads the rules for the clients that are made from here on.
func (r *readinessFlag) read(ctx context.Context, s *session) error {
	if r.file == "" {
		return nil
	}
	data, err := s.readInput(ctx, r.file)
	if err != nil {
		return err
	}
	s.readiness, err = kube.ParseReadiness(r.file, data)
	return err
}
